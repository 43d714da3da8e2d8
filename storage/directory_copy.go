package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// CopyDirectory copies the directory.db at path into a new file, as of one moment, beside whoever writes it.
func CopyDirectory(ctx context.Context, path, to string) error {
	c, err := openMemory(path)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.attach(path, "live", live); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := createFile(to); err != nil {
		return wrapFile(to, err)
	}
	return wrapWriting(to, c.exec("VACUUM live INTO ?", to))
}

// ReadDirectory returns the accounts in a copy of a directory.db, of any schema, in order of names.
func ReadDirectory(path string) (accounts []DirectoryAccount, err error) {
	c, err := openFrozen(path)
	if err != nil {
		return nil, err
	}
	defer c.close()
	hasMail := "has_mail"
	notes, err := c.queryInt("SELECT count(*) FROM pragma_table_info('account') WHERE name = 'has_mail'")
	if err != nil {
		return nil, err
	}
	if notes == 0 {
		hasMail = "0"
	}
	err = c.query("SELECT "+accountColumns+", "+hasMail+" FROM account ORDER BY name", func(r row) error {
		a := scanAccount(r)
		a.HasMail = r.int(7) != 0
		accounts = append(accounts, a)
		return nil
	})
	return accounts, err
}

// LiveSecret returns a secret of the directory.db at path, beside whoever writes it. ErrNotFound when there is none.
func LiveSecret(path, name string) (value []byte, err error) {
	c, err := openMemory(path)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.attach(path, "live", live); err != nil {
		return nil, err
	}
	err = c.queryRow("SELECT value FROM live.secret WHERE name = ?", func(r row) { value = r.blob(0) }, name)
	return value, err
}

// AdoptAccount adds an account of another directory.db, of the same schema, with its credentials and all else that hangs
// on it, in a folder and under a name of its own. With its old name it gets its old addresses, those excepted that others
// have by now, which are returned; otherwise the new name is its only one. The folder is none to be erased from then on,
// and has the account's mail or has not. ErrNotFound when the other has no such account.
func (d *Directory) AdoptAccount(other, name string, as DirectoryAccount, hasMail bool) (taken []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.c.attach(other, "other", live); err != nil {
		return nil, err
	}
	defer d.c.detach("other")
	err = d.c.transaction(func() error {
		taken, err = d.c.adoptAccount(name, as, hasMail)
		return err
	})
	return taken, err
}

func (c *conn) adoptAccount(name string, as DirectoryAccount, hasMail bool) (taken []string, err error) {
	old, err := c.queryInt("SELECT id FROM other.account WHERE name = ?", name)
	if err != nil {
		return nil, err
	}
	err = c.adoptRows("account", "id = ?", map[string]driver.Value{"id": nil, "folder": as.Folder, "name": as.Name, "has_mail": btoi(hasMail)}, old)
	if err != nil {
		return nil, err
	}
	if err := c.exec("DELETE FROM erasure WHERE folder = ?", as.Folder); err != nil {
		return nil, err
	}
	id, err := c.queryInt("SELECT id FROM account WHERE folder = ?", as.Folder)
	if err != nil {
		return nil, err
	}
	if err := insertAddress(c, id, as.Name, as.Created); err != nil {
		return nil, err
	}
	if as.Name == name {
		err = c.query(`SELECT address FROM other.address WHERE account = ? AND address IN
			(SELECT address FROM main.address WHERE account != ?) ORDER BY address`,
			func(r row) error { taken = append(taken, r.text(0)); return nil }, old, id)
	}
	var hanging []string
	if err == nil {
		err = c.query(`SELECT t.name FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f ON f."table" = 'account'
			WHERE t.type = 'table'`, func(r row) error { hanging = append(hanging, r.text(0)); return nil })
	}
	for _, table := range hanging {
		if err == nil && (table != "address" || as.Name == name) {
			err = c.adoptRows(table, "account = ?", map[string]driver.Value{"id": nil, "account": id}, old)
		}
	}
	return taken, err
}

// adoptRows adds rows of the other file, some of their columns with values of their own, unless they are there.
func (c *conn) adoptRows(table, where string, own map[string]driver.Value, arg driver.Value) error {
	var columns, values []string
	var args []driver.Value
	err := c.query("SELECT name FROM pragma_table_info(?, 'main')", func(r row) error {
		name := r.text(0)
		value, replaced := own[name]
		if !replaced {
			columns, values = append(columns, quoted(name)), append(values, quoted(name))
		} else if value != nil {
			columns, values, args = append(columns, quoted(name)), append(values, "?"), append(args, value)
		}
		return nil
	}, table)
	if err != nil {
		return err
	}
	return c.exec(fmt.Sprintf("INSERT OR IGNORE INTO main.%s (%s) SELECT %s FROM other.%[1]s WHERE %[4]s", quoted(table),
		strings.Join(columns, ", "), strings.Join(values, ", "), where), append(args, arg)...)
}
