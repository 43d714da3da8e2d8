package control

import (
	"fmt"
	"os"
	"path/filepath"
)

// maxSocketPath is what fits into a socket's address on every system we know (108 bytes on Linux, 104 elsewhere).
const maxSocketPath = 103

// shortPath gives a path to the same place that fits into a socket's address. release is to be called when the path is
// no longer used.
func shortPath(path string) (short string, release func(), err error) {
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	short = fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path))
	if _, err := os.Stat(filepath.Dir(short)); err != nil {
		dir.Close()
		return "", nil, fmt.Errorf("%s: the path is longer than a socket's may be (%d bytes)", path, maxSocketPath)
	}
	return short, func() { dir.Close() }, nil
}
