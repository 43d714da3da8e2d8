package storage

import "sync"

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
	return d.c.close()
}

// Compact writes the file anew, so that nothing of what was deleted is left in unused parts of it or in its log.
func (d *Directory) Compact() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.c.exec("VACUUM"); err != nil {
		return err
	}
	return d.c.exec("PRAGMA wal_checkpoint(TRUNCATE)")
}

// Secret returns the value kept under name; fresh becomes the value when there is none yet.
func (d *Directory) Secret(name string, fresh []byte) (value []byte, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.c.exec("INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, fresh)
	if err != nil {
		return nil, err
	}
	err = d.c.queryRow("SELECT value FROM secret WHERE name = ?", func(r row) { value = r.blob(0) }, name)
	return value, err
}

// write runs f in one transaction, which is on the disk when write returns nil and undone otherwise.
func (d *Directory) write(f func(c *conn) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.c.transaction(func() error { return f(d.c) })
}
