package storage

import (
	"errors"
	"fmt"
	"os"
)

// ErrReplaced says that a name does not stand for the file any more that is open: somebody has removed that, or put
// another one in its place. The message has the name.
var ErrReplaced = errors.New("the file was removed or replaced while satchel had it open; stop satchel before files are " +
	"exchanged under it, or bring mail back with \"satchel restore --account\"")

// names are what a connection that writes found under the names of its file. SQLite does not look at them again: it goes on
// writing into files that nobody finds any more. Without a file nobody cares.
type names struct {
	file  os.FileInfo
	log   os.FileInfo // the write-ahead log
	index os.FileInfo // that of the log, which connections share as memory
	at    string      // where both are, without their endings: beside the file that a symbolic link stands for
}

// noteLog notes what the names of the log and its index stand for. SQLite makes them when it first reads.
func (c *conn) noteLog() error {
	_, err := c.pragma("user_version")
	if err == nil {
		err = c.queryRow("PRAGMA database_list", func(r row) { c.names.at = r.text(2) })
	}
	if err == nil {
		c.names.log, err = os.Stat(c.names.at + "-wal")
	}
	if err == nil {
		c.names.index, err = os.Stat(c.names.at + "-shm")
	}
	if errors.Is(err, os.ErrNotExist) {
		err = replaced(c.path, err)
	}
	return err
}

// inPlace is ErrReplaced when the file or its log is not what its name stands for.
func (c *conn) inPlace() error {
	if c.names.file == nil {
		return nil
	}
	if err := c.fileInPlace(); err != nil {
		return err
	}
	return sameFile(c.names.at+"-wal", c.names.log)
}

// fileInPlace is inPlace for the file alone, whose log may be away.
func (c *conn) fileInPlace() error { return sameFile(c.path, c.names.file) }

// sameFile is ErrReplaced unless a name stands for a file, for all that can be seen.
func sameFile(path string, file os.FileInfo) error {
	now, err := os.Stat(path)
	if err == nil && os.SameFile(now, file) {
		return nil
	}
	return replaced(path, err)
}

func replaced(path string, cause error) error {
	if cause == nil || errors.Is(cause, os.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, ErrReplaced)
	}
	return fmt.Errorf("%s: %w (%w)", path, ErrReplaced, cause)
}

// commit ends the transaction: it is on the disk, under the name of its file, when commit returns nil. The second look
// leaves no moment in which a change could get lost that was promised; after the first one a change is not there that was
// refused.
func (c *conn) commit() error {
	err := c.inPlace()
	if err == nil {
		err = c.exec("COMMIT")
	}
	if err == nil {
		err = c.inPlace()
	}
	return err
}
