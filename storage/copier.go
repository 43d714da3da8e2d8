package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
)

// Copier copies one account's mail.db into files of a backup: packs, which have messages, and a state, which has all
// else. It opens the mail.db for reading only, beside whoever writes it, in short transactions: changes never wait for
// it, and the folding of the log at most for one of them. Used by one goroutine.
type Copier struct {
	c    *conn  // of nothing of its own, with live, and pack and state while they are written, attached
	pack string // the file being written, "" for none
}

// OpenCopier opens the mail.db at path. ErrCorrupt names the file.
func OpenCopier(path string) (*Copier, error) {
	c, err := openPlain("", path)
	if err != nil {
		return nil, err
	}
	k := &Copier{c: c}
	if err := c.attach(path, "live", "mode=ro"); err != nil {
		c.close()
		return nil, err
	}
	return k, nil
}

// Close gives the files back. A pack that is still open is not to be used.
func (k *Copier) Close() error { return k.c.close() }

// IsNew reports whether the mail.db is being made just now, and has no tables yet.
func (k *Copier) IsNew() (bool, error) {
	schema, err := k.c.queryInt("PRAGMA live.user_version")
	return schema == 0, err
}

// Objects is the mail.db's Objects, 0 in one from before there were any.
func (k *Copier) Objects() (n uint64, err error) {
	v, err := k.c.queryInt("SELECT coalesce(max(value), 0) FROM live.meta WHERE key = 'objects'")
	return uint64(v), err
}

// LastMessage is the highest ID of a message in the mail.db, and next the one that none below can be new.
func (k *Copier) LastMessage() (last, next MessageID, err error) {
	err = k.c.queryRow("SELECT coalesce((SELECT max(id) FROM live.message), 0), coalesce((SELECT value FROM live.meta WHERE key = 'message'), 0)",
		func(r row) { last, next = MessageID(r.int(0)), MessageID(r.int(1)) })
	return last, max(next, last+1), err
}

// openPlain opens a file that this process alone has, without locks and journal: what a crash leaves of it is not used.
// path "" is a database in memory. The file is made when it is missing. Errors name the file name.
func openPlain(path, name string) (*conn, error) {
	if path == "" {
		return openURI("file::memory:?_mutex=no&_stmt_cache_size=0", name)
	}
	if err := createFile(path); err != nil {
		return nil, wrapFile(path, err)
	}
	uri, err := fileURI(path, "mode=rw&nolock=1&_mutex=no&_stmt_cache_size=0")
	if err != nil {
		return nil, err
	}
	c, err := openURI(uri, name)
	if err != nil {
		return nil, err
	}
	if err := c.unjournaled("main"); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// openFrozen opens a file that nobody changes.
func openFrozen(path string) (*conn, error) {
	uri, err := fileURI(path, "mode=ro&immutable=1&_mutex=no&_stmt_cache_size=0")
	if err != nil {
		return nil, err
	}
	return openURI(uri, path)
}

func openURI(uri, name string) (*conn, error) {
	raw, err := (&sqlite3.SQLiteDriver{}).Open(uri)
	c := &conn{path: name, stmts: make(map[string]*stmt)}
	if err != nil {
		return nil, c.wrap(err)
	}
	c.raw = raw.(*sqlite3.SQLiteConn)
	// cell_size_check: a damaged page is found where it is read, before it is believed.
	if err := c.script(fmt.Sprintf("PRAGMA busy_timeout = %d; PRAGMA cell_size_check = 1", busyTimeout)); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// fileURI names a file whatever is in its path.
func fileURI(path, options string) (string, error) {
	abs, err := filepath.Abs(path)
	u := url.URL{Scheme: "file", OmitHost: true, Path: abs, RawQuery: options}
	return u.String(), err
}

// attach adds a file to a connection, under a name of this package's.
func (c *conn) attach(path, as, options string) error {
	uri, err := fileURI(path, options)
	if err != nil {
		return err
	}
	if _, err := c.raw.Exec("ATTACH ? AS "+as, []driver.Value{uri}); err != nil {
		return wrapFile(path, err)
	}
	return nil
}

// attachNew is attach for a file that is made, which this process alone has.
func (c *conn) attachNew(path, as string, pageSize int) error {
	if err := createFile(path); err != nil {
		return wrapFile(path, err)
	}
	if err := c.attach(path, as, "mode=rw&nolock=1"); err != nil {
		return err
	}
	if err := c.script(fmt.Sprintf("PRAGMA %s.page_size = %d", as, pageSize)); err != nil {
		return err
	}
	return c.unjournaled(as)
}

// detach takes a file off a connection.
func (c *conn) detach(as string) error { return c.script("DETACH " + as) }

// unjournaled has a file written as fast as can be; whoever writes it syncs it when it is complete.
func (c *conn) unjournaled(schema string) error {
	return c.script(fmt.Sprintf("PRAGMA %s.journal_mode = OFF; PRAGMA %[1]s.synchronous = OFF; PRAGMA %[1]s.cache_size = -8192", schema))
}

// together runs f in one transaction, which sees the mail.db as of one moment.
func (k *Copier) together(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := k.c.exec("BEGIN"); err != nil {
		return err
	}
	defer k.c.rollback()
	if err := f(); err != nil {
		return err
	}
	return k.c.exec("COMMIT")
}

// copying explains an error of writing: the mail.db is only read, so it is not its disk that is full.
func copying(path string, err error) error {
	if errors.Is(err, ErrFull) {
		return fmt.Errorf("write %s: %w", path, ErrFull)
	}
	return err
}
