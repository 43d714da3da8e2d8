package storage

import (
	"fmt"
	"syscall"
)

// freeSpace is the bytes that can still be written to the disk of a folder.
func freeSpace(folder string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, fmt.Errorf("%s: %w", folder, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
