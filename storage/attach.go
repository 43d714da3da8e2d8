package storage

import (
	"database/sql/driver"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
)

// Options for files that are only read.
const (
	frozen = "mode=ro&immutable=1" // nobody changes it
	live   = "mode=ro"             // somebody may write it meanwhile
)

// careful settings of files that may be damaged, or be in use by another process: a page is looked at before it is believed.
var careful = fmt.Sprintf("PRAGMA cell_size_check = 1; PRAGMA busy_timeout = %d", busyTimeout)

// openMemory opens a database in memory, to which files are attached. Errors that are of none of these name it so.
func openMemory(name string) (*conn, error) { return openURI("file::memory:?", name, careful) }

// openFrozen opens a file that nobody changes, for reading.
func openFrozen(path string) (*conn, error) { return openFile(path, frozen, careful) }

// openPlain opens a file that this process alone has, without locks and journal: what a crash leaves of it is not used.
// It is made when it is missing.
func openPlain(path string) (*conn, error) {
	if err := createFile(path); err != nil {
		return nil, wrapFile(path, err)
	}
	return openFile(path, "mode=rw&nolock=1", careful+unjournaled("main"))
}

func openFile(path, options, settings string) (*conn, error) {
	uri, err := fileURI(path, options)
	if err != nil {
		return nil, err
	}
	return openURI(uri, path, settings)
}

// openURI opens a file, or what else its URI says, and runs settings. No mutex: a conn has one user at a time.
func openURI(uri, name, settings string) (*conn, error) {
	raw, err := (&sqlite3.SQLiteDriver{}).Open(uri + "&_mutex=no&_stmt_cache_size=0")
	c := &conn{path: name, stmts: make(map[string]*stmt)}
	if err != nil {
		return nil, c.wrap(err)
	}
	c.raw = raw.(*sqlite3.SQLiteConn)
	if err := c.script(settings); err != nil {
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
	return c.script(fmt.Sprintf("PRAGMA %s.page_size = %d", as, pageSize) + unjournaled(as))
}

// detach takes a file off a connection.
func (c *conn) detach(as string) error { return c.script("DETACH " + as) }

// unjournaled are settings by which a file is written as fast as can be; whoever writes it syncs it when it is complete.
func unjournaled(schema string) string {
	return fmt.Sprintf("; PRAGMA %s.journal_mode = OFF; PRAGMA %[1]s.synchronous = OFF; PRAGMA %[1]s.cache_size = -8192", schema)
}

// with runs f with a finished file attached.
func (c *conn) with(path, as string, f func() error) error {
	if err := c.attach(path, as, frozen); err != nil {
		return err
	}
	err := f()
	if e := c.detach(as); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
