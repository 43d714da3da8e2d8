package storage

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// What the errors of this package wrap, for errors.Is.
var (
	// ErrNotFound says that the row asked for is not there.
	ErrNotFound = errors.New("not found")
	// ErrExists says that a name, UID or key is taken.
	ErrExists = errors.New("exists already")
	// ErrFull says that the disk, the quota of the file system or the file's page limit is exhausted.
	ErrFull = errors.New("no space left")
	// ErrCorrupt says that a database file is damaged; the message names it.
	ErrCorrupt = errors.New("database is damaged")
	// ErrNewerSchema says that a newer version of this program wrote the file; the message has both numbers.
	ErrNewerSchema = errors.New("written by a newer version")
	// ErrTooBig says that a message is larger than the format can hold.
	ErrTooBig = errors.New("too big")
)

// wrap names the file and adds the sentinel that fits what SQLite answered.
func (c *conn) wrap(err error) error { return wrapFile(c.path, err) }

func wrapFile(path string, err error) error {
	if err == nil {
		return nil
	}
	if kind := sentinel(err); kind != nil {
		return fmt.Errorf("%s: %w: %w", path, kind, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// sentinel returns the error of this package that stands for SQLite's or the system's, nil when none does.
func sentinel(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return ErrFull
	}
	var e sqlite3.Error // the driver returns values, not pointers
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code {
	case sqlite3.ErrFull:
		return ErrFull
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return ErrCorrupt
	case sqlite3.ErrIoErr:
		if e.ExtendedCode == sqlite3.ErrIoErrShortRead { // the file ends where there should be more of it
			return ErrCorrupt
		}
	case sqlite3.ErrConstraint:
		if e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey {
			return ErrExists
		}
	}
	if e.SystemErrno == syscall.ENOSPC || e.SystemErrno == syscall.EDQUOT {
		return ErrFull
	}
	return nil
}
