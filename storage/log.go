package storage

import (
	"errors"
	"fmt"
	"os"
)

// logSize is how long the write-ahead log of a file is on disk, in bytes: 0 when it cannot be seen.
func logSize(path string) int64 {
	info, err := os.Stat(path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

// checkpoint folds as much of the log as can be at once. It does not wait for readers of other processes, of which
// Litestream has one all the time: the next one does the rest.
func (c *conn) checkpoint() error {
	err := c.set("busy_timeout", 0, int64(0))
	if err == nil {
		err = c.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err = errors.Join(err, c.set("busy_timeout", busyTimeout, int64(busyTimeout))); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// settleLog folds what is left in the log of a file that has just been opened. When writing a transaction to the disk has
// failed, the system may have it in memory only and take it for written: who opens the file next finds it in the log,
// adds to it, and the power takes both. To fold it writes it anew, so nothing is promised on top of what is not there.
func (c *conn) settleLog() error {
	if logSize(c.path) == 0 {
		return nil
	}
	return c.checkpoint()
}
