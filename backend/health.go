package backend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Disk is the room on the disk that the data folder is on, in bytes.
type Disk struct {
	Free uint64 // for a process that is not root
	Size uint64
}

// Disk asks the system.
func (b *Backend) Disk() (Disk, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(b.cfg.Data, &fs); err != nil {
		return Disk{}, fmt.Errorf("room on the disk of %s: %w", b.cfg.Data, err)
	}
	return Disk{Free: fs.Bavail * uint64(fs.Bsize), Size: fs.Blocks * uint64(fs.Bsize)}, nil
}

// Probe goes through what every login and delivery goes through, the table of open
// accounts and the directory on disk, and returns when both have answered,
// whatever that was.
func (b *Backend) Probe() {
	if b.isOpen() {
		b.dir.resolve("probe")
	}
}

// Ready says why nobody can log in, or no mail can be stored: the backend is closed,
// the directory cannot be read or is not what has its name any more, or nothing can be
// written into the data folder.
func (b *Backend) Ready() error {
	if !b.isOpen() {
		return ErrClosed
	}
	if _, _, err := b.dir.resolve("probe"); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := b.dir.store.InPlace(); err != nil {
		return err
	}
	return b.writeProbe()
}

// probeSize is more than a file system may have at hand without taking room for it.
const probeSize = 16 << 10

// writeProbe puts a file on the disk, and takes it away.
func (b *Backend) writeProbe() error {
	f, err := os.CreateTemp(filepath.Join(b.cfg.Data, "tmp"), "probe")
	if err != nil {
		return fmt.Errorf("write to the data folder: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, probeSize))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write to the data folder: %w", err)
	}
	return nil
}

func (b *Backend) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.closed
}
