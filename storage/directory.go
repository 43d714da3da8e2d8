package storage

import (
	"errors"
	"sync"
)

// Directory is directory.db: the accounts, their addresses and their credentials. It stores names and addresses as it
// is given them; which spellings are one name is the caller's to know. Safe for concurrent use: one connection, which
// each method holds for as long as its statements run.
type Directory struct {
	mu sync.Mutex
	c  *conn // guarded by mu
}

const (
	directoryPageSize = 4096 // small rows
	directoryCache    = 2048 // KiB: 10,000 accounts
)

// OpenDirectory opens directory.db at path, makes it when it is missing and brings it to the newest schema.
// ErrNewerSchema and ErrCorrupt name the file.
func OpenDirectory(path string) (*Directory, error) {
	c, err := openConn(path, connOptions{pageSize: directoryPageSize, cache: directoryCache, create: true})
	if err != nil {
		return nil, err
	}
	err = migrate(c, "directory")
	if err == nil {
		err = c.settleLog()
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return &Directory{c: c}, nil
}

// Close gives the file back. All other methods fail after it.
func (d *Directory) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if errors.Is(d.c.inPlace(), ErrReplaced) {
		return d.c.leave()
	}
	return d.c.close()
}

// InPlace is ErrReplaced when changes are refused because the file, or its log, is not what its name stands for any more.
func (d *Directory) InPlace() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.c.inPlace()
}

// Compact writes the file anew, so that nothing of what was deleted is left in unused parts of it or in its log.
func (d *Directory) Compact() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.c.exec("VACUUM"); err != nil {
		return err
	}
	if err := d.c.exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	return d.c.inPlace()
}

// Secret returns the value kept under name; fresh becomes the value when there is none yet.
func (d *Directory) Secret(name string, fresh []byte) (value []byte, err error) {
	err = d.write(func(c *conn) error {
		if err := c.exec("INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, fresh); err != nil {
			return err
		}
		return c.queryRow("SELECT value FROM secret WHERE name = ?", func(r row) { value = r.blob(0) }, name)
	})
	return value, err
}

// write runs f in one transaction, which is on the disk when write returns nil and undone otherwise.
func (d *Directory) write(f func(c *conn) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.c.transaction(func() error { return f(d.c) })
}
