package storage

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// SyncFile has a file or folder on the disk when it returns.
func SyncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// MakeFolder makes a folder that only its owner may read, and those above it that are missing. What it has made is on
// the disk when it returns: to sync what is put into a folder is no promise for the folder itself.
func MakeFolder(path string) error {
	path = filepath.Clean(path)
	err := os.Mkdir(path, 0o700)
	above := filepath.Dir(path)
	if errors.Is(err, os.ErrNotExist) && above != path {
		if err = MakeFolder(above); err == nil {
			err = os.Mkdir(path, 0o700)
		}
	}
	if errors.Is(err, os.ErrExist) {
		return isFolder(path)
	}
	if err != nil {
		return err
	}
	if err = SyncFile(above); err != nil {
		os.Remove(path) // so that the next one tries again
	}
	return err
}

// isFolder has an error for what is none.
func isFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = &os.PathError{Op: "mkdir", Path: path, Err: syscall.ENOTDIR}
	}
	return err
}
