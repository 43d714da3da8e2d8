package backup

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// settled is how long a file must have been left alone to be told by its times: some file systems count in seconds.
const settled = 3 * time.Second

// stampOf tells whether a database has been written to since it was last asked: two stamps that are the same say that it
// has not. "" when it was written to so lately that this cannot be told.
func stampOf(path string) (string, error) {
	stamp := ""
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if name != path && (errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0) {
			continue // an empty log says nothing, and comes and goes
		}
		if err != nil {
			return "", err
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok || time.Since(info.ModTime()) < settled {
			return "", nil
		}
		stamp += fmt.Sprintf("%d:%d:%d:%d ", st.Dev, st.Ino, info.Size(), info.ModTime().UnixNano())
	}
	return stamp, nil
}
