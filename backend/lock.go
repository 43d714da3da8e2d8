package backend

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Claim takes a data folder, making it if it is missing, for as long as the file
// stays open. What restores that were killed have left is removed. ErrInUse names
// the process that has it.
func Claim(data string) (*os.File, error) {
	for _, d := range []string{data, filepath.Join(data, "accounts"), filepath.Join(data, "tmp")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("open data folder: %w", err)
		}
	}
	lock, err := lockFolder(data)
	if err != nil {
		return nil, err
	}
	if err := removeAdoptions(data); err != nil {
		lock.Close()
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	return lock, nil
}

// lockFolder makes this process the owner of a data folder for as long as the
// file stays open. The file holds the owner's process id for people to read.
func lockFolder(dir string) (*os.File, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := io.ReadAll(io.LimitReader(f, 32))
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s is owned by process %s", ErrInUse, dir, strings.TrimSpace(string(owner)))
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f, nil
}
