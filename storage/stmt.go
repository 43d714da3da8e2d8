package storage

import (
	"context"
	"database/sql/driver"
	"io"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// row is one row of an answer. The accessors give the zero value for NULL: tables are STRICT, so that is the only
// surprise a column can hold.
type row []driver.Value

func (r row) int(i int) int64   { n, _ := r[i].(int64); return n }
func (r row) text(i int) string { s, _ := r[i].(string); return s }
func (r row) blob(i int) []byte { b, _ := r[i].([]byte); return b }
func (r row) null(i int) bool   { return r[i] == nil }

// stmt is a prepared statement with the buffers for its arguments and its row.
type stmt struct {
	c    *conn
	sql  string
	raw  *sqlite3.SQLiteStmt
	args []driver.NamedValue
	row  row

	lender
}

// prepare returns the statement for the text, made on its first use. The texts of this package are constants, or
// constants repeated a fixed number of times, so the cache is bounded by them.
func (c *conn) prepare(sql string) (*stmt, error) {
	if s := c.stmts[sql]; s != nil {
		return s, nil
	}
	if c.raw == nil {
		return nil, c.over()
	}
	raw, err := c.raw.Prepare(sql)
	if err != nil {
		return nil, c.wrap(err)
	}
	s := &stmt{c: c, sql: sql, raw: raw.(*sqlite3.SQLiteStmt)}
	s.args = make([]driver.NamedValue, s.raw.NumInput())
	for i := range s.args {
		s.args[i].Ordinal = i + 1
	}
	c.stmts[sql] = s
	return s, nil
}

// forget drops a statement from the cache, for texts that are used once.
func (c *conn) forget(s *stmt) {
	s.raw.Close()
	delete(c.stmts, s.sql)
}

// bind puts the arguments where the driver takes them without allocating.
func (s *stmt) bind(args []driver.Value) []driver.NamedValue {
	for i, v := range args {
		s.args[i].Value = v
	}
	return s.args[:len(args)]
}

// unbind lets go of what bind holds.
func (s *stmt) unbind() {
	for i := range s.args {
		s.args[i].Value = nil
	}
}

// fusedLimit is the largest argument, in bytes, that goes through the driver's scratch buffer, which never shrinks.
const fusedLimit = 16 << 10

// run executes the statement. The driver's Query binds and steps in one crossing into C where its Exec takes one for
// every argument.
func (s *stmt) run(args ...driver.Value) error {
	defer s.unbind()
	for _, v := range args {
		if b, ok := v.([]byte); ok && len(b) > fusedLimit {
			_, err := s.raw.ExecContext(context.Background(), s.bind(args))
			return s.c.wrap(err)
		}
	}
	rows, err := s.raw.QueryContext(context.Background(), s.bind(args))
	if err != nil {
		return s.c.wrap(err)
	}
	return s.c.wrap(rows.Close())
}

// each runs the statement and hands every row to f; errStop from f ends it quietly.
func (s *stmt) each(f func(row) error, args ...driver.Value) error {
	rows, err := s.raw.QueryContext(context.Background(), s.bind(args))
	s.unbind()
	if err != nil {
		return s.c.wrap(err)
	}
	if s.row == nil {
		s.row = make(row, len(rows.Columns()))
	}
	failed := s.readAll(rows, f)
	clear(s.row)
	if err := rows.Close(); failed == nil {
		return s.c.wrap(err)
	}
	if failed == errStop {
		return nil
	}
	return failed
}

// readAll hands the rows to f until the end, f's error or SQLite's.
func (s *stmt) readAll(rows driver.Rows, f func(row) error) error {
	for {
		err := rows.Next(s.row)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return s.c.wrap(err)
		}
		if err := f(s.row); err != nil {
			return err
		}
	}
}

// manyRows is how many rows one INSERT of insertMany takes: beyond this the crossing into C no longer shows.
const manyRows = 32

// insertMany inserts n rows, which fill writes into r, with statements of manyRows rows and single ones for what is
// left. values is one row's place in the text, tail what follows the rows.
func (c *conn) insertMany(insert, values, tail string, n, columns int, fill func(i int, r row)) error {
	done := 0
	if n >= manyRows {
		many := insert + strings.Repeat(values+",", manyRows-1) + values + tail
		args := make(row, manyRows*columns)
		for ; n-done >= manyRows; done += manyRows {
			for k := range manyRows {
				fill(done+k, args[k*columns:(k+1)*columns])
			}
			if err := c.exec(many, args...); err != nil {
				return err
			}
		}
	}
	args := make(row, columns)
	for ; done < n; done++ {
		fill(done, args)
		if err := c.exec(insert+values+tail, args...); err != nil {
			return err
		}
	}
	return nil
}
