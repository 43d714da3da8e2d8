package backup

import (
	"os"

	"golang.org/x/sys/unix"
)

// forgetCached lets the system forget what it keeps of a file in memory, if it likes to.
func forgetCached(f *os.File) { _ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
