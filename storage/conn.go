package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
)

// conn is one connection to one SQLite file, with its prepared statements. It stands on the driver itself: the pool
// of database/sql costs a goroutine a database and as much again a row. Used by one goroutine at a time.
type conn struct {
	raw   *sqlite3.SQLiteConn
	path  string
	stmts map[string]*stmt
}

// connOptions is what differs between the connections of this package.
type connOptions struct {
	pageSize int  // bytes; counts only for a file without tables
	cache    int  // page cache in KiB, filled as pages are used
	readOnly bool // refuse every statement that writes
	create   bool // make the file when it is missing
	derived  bool // can be made anew: a commit may be lost with the power, but is never half there
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
// would go on without them.
func openConn(path string, o connOptions) (*conn, error) {
	if o.create {
		if err := createFile(path); err != nil {
			return nil, wrapFile(path, err)
		}
	}
	c, err := openFile(path, "mode=rw", "")
	if err != nil {
		return nil, err
	}
	err = c.configure(o)
	if err == nil && !o.readOnly && !o.derived {
		err = wrapFile(path, SyncFile(filepath.Dir(path)))
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
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

// script runs statements without arguments, separated by semicolons.
func (c *conn) script(sql string) error {
	if c.raw == nil {
		return fmt.Errorf("%s: %w", c.path, errClosed)
	}
	_, err := c.raw.Exec(sql, nil)
	return c.wrap(err)
}

// exec runs one statement that returns no rows worth having.
func (c *conn) exec(sql string, args ...driver.Value) error {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	return s.run(args...)
}

// execCount is exec that says how many rows were changed.
func (c *conn) execCount(sql string, args ...driver.Value) (int64, error) {
	s, err := c.prepare(sql)
	if err != nil {
		return 0, err
	}
	res, err := s.raw.ExecContext(context.Background(), s.bind(args))
	if err != nil {
		return 0, c.wrap(err)
	}
	return res.RowsAffected()
}

// query runs one statement and calls each for every row. The row is valid during the call only; its texts and blobs
// are the callee's. No other statement of the connection may be run with the same text meanwhile.
func (c *conn) query(sql string, each func(row) error, args ...driver.Value) error {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	return s.each(each, args...)
}

// queryRow is query for at most one row. ErrNotFound when there is none.
func (c *conn) queryRow(sql string, scan func(row), args ...driver.Value) error {
	found := false
	err := c.query(sql, func(r row) error {
		found = true
		scan(r)
		return errStop
	}, args...)
	if err == nil && !found {
		return ErrNotFound
	}
	return err
}

// queryInt is queryRow for one number. NULL counts as 0.
func (c *conn) queryInt(sql string, args ...driver.Value) (n int64, err error) {
	err = c.queryRow(sql, func(r row) { n = r.int(0) }, args...)
	return n, err
}

// transaction runs f in a transaction that writes: it is committed when f returns nil, and undone otherwise.
func (c *conn) transaction(f func() error) error {
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer c.rollback()
	if err := f(); err != nil {
		return err
	}
	return c.exec("COMMIT")
}

// snapshot runs f, which only reads, in a transaction: it sees the file as of one moment.
func (c *conn) snapshot(f func() error) error {
	if err := c.exec("BEGIN"); err != nil {
		return err
	}
	defer c.rollback()
	return f()
}

// rollback ends the open transaction, if there is one, without its changes.
func (c *conn) rollback() {
	if c.inTransaction() {
		c.exec("ROLLBACK") // fails only when SQLite has rolled back by itself
	}
}

// inTransaction reports whether a transaction is open: SQLite ends it by itself after some errors, such as a full disk.
func (c *conn) inTransaction() bool { return c.raw != nil && !c.raw.AutoCommit() }

// close gives the statements and the file back.
func (c *conn) close() error {
	if c.raw == nil {
		return nil
	}
	for _, s := range c.stmts {
		s.raw.Close()
	}
	err := c.raw.Close()
	c.stmts, c.raw = nil, nil
	return c.wrap(err)
}

// errClosed says that a file was closed: somebody who still uses it when the server stops finds that out.
var errClosed = errors.New("the file is closed")

// errStop ends a query early without being an error.
var errStop = errors.New("stop")
