package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// connOptions is what differs between the connections of this package.
type connOptions struct {
	pageSize int  // bytes; counts only for a file without tables
	cache    int  // page cache in KiB, filled as pages are used
	readOnly bool // refuse every statement that writes
	create   bool // make the file when it is missing
	derived  bool // can be made anew: a commit may be lost with the power, but is never half there

	is os.FileInfo // ErrReplaced for any other file; nil opens whatever is there
}

// Values of settings: synchronous, auto_vacuum.
const (
	full        = 2
	incremental = 2
)

// logPages is how long a write-ahead log gets before a commit folds it: that of a mail.db is folded earlier, by Fold.
func (o connOptions) logPages() int64 {
	if o.derived {
		return foldPages / 2
	}
	return 4 * foldPages
}

const busyTimeout = 10_000 // ms: only backup and check of a second process ever hold the lock

// openConn opens path in WAL mode with synchronous=FULL and foreign keys, and makes sure that SQLite took the settings.
// Before anything can be written the names of the file and its log are on the disk, unless the file is derived: SQLite
// would go on without them. Then it is noted what these names stand for.
func openConn(path string, o connOptions) (*conn, error) {
	if o.create {
		if err := createFile(path); err != nil {
			return nil, wrapFile(path, err)
		}
	}
	before, err := o.look(path)
	if err != nil {
		return nil, err
	}
	c, err := openFile(path, "mode=rw", "")
	if err != nil {
		return nil, err
	}
	err = c.configure(o)
	if err == nil && !o.derived {
		c.names.file = before
		err = c.fileInPlace()
	}
	if err == nil && !o.readOnly && !o.derived {
		err = wrapFile(path, errors.Join(SyncFile(filepath.Dir(path)), c.noteLog()))
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// look finds the file that is to be opened. Not to open another one than o.is matters while that one is still open: both
// would have the same log's index, and who begins with that empties it under the other.
func (o connOptions) look(path string) (os.FileInfo, error) {
	file, err := os.Stat(path)
	if o.is != nil && (errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(file, o.is)) {
		return nil, replaced(path, err)
	}
	return file, wrapFile(path, err)
}

// createFile makes an empty file that only its owner may read. SQLite gives the same mode to the files beside it.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// configure sets the connection up and reads every setting back: SQLite ignores what it cannot do.
func (c *conn) configure(o connOptions) error {
	settings := []struct {
		pragma    string
		set, want any // want nil: not checked
	}{
		{"busy_timeout", busyTimeout, int64(busyTimeout)},
		{"page_size", o.pageSize, nil}, // before WAL, which writes the first page
		{"auto_vacuum", incremental * btoi(o.derived), nil},
		{"journal_mode", "wal", "wal"},
		{"synchronous", full - btoi(o.derived), full - btoi(o.derived)}, // the driver's own default for WAL loses commits when the power goes
		{"foreign_keys", 1, int64(1)},
		{"cache_size", -o.cache, int64(-o.cache)},
		{"wal_autocheckpoint", o.logPages(), o.logPages()},
		{"query_only", btoi(o.readOnly), btoi(o.readOnly)},
	}
	for _, s := range settings {
		if err := c.set(s.pragma, s.set, s.want); err != nil {
			return err
		}
	}
	return nil
}

// set changes one setting and makes sure of it.
func (c *conn) set(pragma string, value, want any) error {
	if err := c.script(fmt.Sprintf("PRAGMA %s = %v", pragma, value)); err != nil || want == nil {
		return err
	}
	got, err := c.pragma(pragma)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%s: PRAGMA %s is %v, want %v", c.path, pragma, got, want)
	}
	return nil
}

func btoi(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// pragma reads the value of a setting.
func (c *conn) pragma(name string) (any, error) {
	var value any
	s, err := c.prepare("PRAGMA " + name)
	if err != nil {
		return nil, err
	}
	defer c.forget(s)
	err = s.each(func(r row) error { value = r[0]; return nil })
	return value, err
}
