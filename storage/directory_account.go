package storage

import (
	"database/sql/driver"
	"fmt"
)

// DirectoryAccount is an account as the directory knows it.
type DirectoryAccount struct {
	ID         int64  // 0 is none
	Folder     string // the account's id everywhere else, and the name of its folder
	Name       string
	Disabled   bool
	Salt       []byte // for all its credentials
	Iterations int    // for all its credentials
	Created    int64  // Unix seconds
	HasMail    bool   // its mail.db has been made; ReadDirectory alone tells
}

const accountColumns = "account.id, account.folder, account.name, account.disabled, account.salt, account.iterations, account.created"

func scanAccount(r row) DirectoryAccount {
	return DirectoryAccount{
		ID: r.int(0), Folder: r.text(1), Name: r.text(2), Disabled: r.int(3) != 0,
		Salt: r.blob(4), Iterations: int(r.int(5)), Created: r.int(6),
	}
}

// AddAccount stores a new account with its password and with its name as its first address, and returns its ID.
// ErrExists when the name is an account's name or address already.
func (d *Directory) AddAccount(a DirectoryAccount, password Credential) (id int64, err error) {
	err = d.write(func(c *conn) error {
		err := c.exec("INSERT INTO account (folder, name, disabled, salt, iterations, created) VALUES (?, ?, ?, ?, ?, ?)",
			a.Folder, a.Name, btoi(a.Disabled), a.Salt, int64(a.Iterations), a.Created)
		if err != nil {
			return err
		}
		if id, err = c.queryInt("SELECT id FROM account WHERE folder = ?", a.Folder); err != nil {
			return err
		}
		if err := insertAddress(c, id, a.Name, a.Created); err != nil {
			return err
		}
		return insertCredential(c, id, password)
	})
	return id, err
}

// Account returns the account of that name, ErrNotFound when there is none.
func (d *Directory) Account(name string) (a DirectoryAccount, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.c.queryRow("SELECT "+accountColumns+" FROM account WHERE name = ?",
		func(r row) { a = scanAccount(r) }, name)
	return a, err
}

// Accounts calls each for every account, in order of names.
func (d *Directory) Accounts(each func(DirectoryAccount)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.c.query("SELECT "+accountColumns+" FROM account ORDER BY name", func(r row) error {
		each(scanAccount(r))
		return nil
	})
}

// SetDisabled allows or forbids logging in.
func (d *Directory) SetDisabled(id int64, disabled bool) error {
	return d.write(func(c *conn) error {
		return changeOne(c, "UPDATE account SET disabled = ? WHERE id = ?", btoi(disabled), id)
	})
}

// RemoveAccount forgets the account with its addresses and credentials, and notes its folder down for erasure.
func (d *Directory) RemoveAccount(id int64, now int64) error {
	return d.write(func(c *conn) error {
		err := c.exec("INSERT INTO erasure (folder, since) SELECT folder, ? FROM account WHERE id = ?", now, id)
		if err != nil {
			return err
		}
		return changeOne(c, "DELETE FROM account WHERE id = ?", id)
	})
}

// NoteErasure notes a folder down for erasure, unless an account has it by then.
func (d *Directory) NoteErasure(folder string, now int64) error {
	return d.write(func(c *conn) error {
		return c.exec("INSERT OR IGNORE INTO erasure (folder, since) VALUES (?, ?)", folder, now)
	})
}

// Erasures returns the folders of removed accounts that may still be there.
func (d *Directory) Erasures() (folders []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.c.query("SELECT folder FROM erasure WHERE folder NOT IN (SELECT folder FROM account) ORDER BY folder", func(r row) error {
		folders = append(folders, r.text(0))
		return nil
	})
	return folders, err
}

// Erased says that a folder of Erasures is gone.
func (d *Directory) Erased(folder string) error {
	return d.write(func(c *conn) error {
		return c.exec("DELETE FROM erasure WHERE folder = ?", folder)
	})
}

// changeOne runs a statement that must change a row. ErrNotFound when there is none to change.
func changeOne(c *conn, sql string, args ...driver.Value) error {
	n, err := c.execCount(sql, args...)
	if err == nil && n == 0 {
		return fmt.Errorf("%s: %w", c.path, ErrNotFound)
	}
	return err
}
