package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// conn is one connection to one SQLite file, with its prepared statements. It stands on the driver itself: the pool
// of database/sql costs a goroutine a database and as much again a row. Used by one goroutine at a time.
type conn struct {
	raw   *sqlite3.SQLiteConn
	path  string
	stmts map[string]*stmt
	names names
	left  bool // closed because it was not in its place
}

// script runs statements without arguments, separated by semicolons.
func (c *conn) script(sql string) error {
	if c.raw == nil {
		return c.over()
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
	return c.commit()
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

// over is the error of who uses a connection that is closed.
func (c *conn) over() error {
	if c.left {
		return replaced(c.path, nil)
	}
	return fmt.Errorf("%s: %w", c.path, errClosed)
}

// errClosed says that a file was closed: somebody who still uses it when the server stops finds that out.
var errClosed = errors.New("the file is closed")

// errStop ends a query early without being an error.
var errStop = errors.New("stop")
