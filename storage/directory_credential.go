package storage

// Credential is one way to log in: the password, or the app password of one device.
type Credential struct {
	ID        int64  // of no other one, ever
	Label     string // the device; "" is the password
	StoredKey []byte // RFC 5802, 3
	ServerKey []byte
	Created   int64 // Unix seconds
	Used      int64 // Unix seconds; 0 is never
	UsedFrom  string
}

// Login returns the account that has exactly this address, with all its credentials, as of one moment.
// ErrNotFound when none has.
func (d *Directory) Login(address string) (a DirectoryAccount, list []Credential, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, err = owner(d.c, address); err != nil {
		return a, nil, err
	}
	list, err = credentials(d.c, a.ID)
	return a, list, err
}

// Credentials returns the account's credentials, the oldest first.
func (d *Directory) Credentials(id int64) ([]Credential, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return credentials(d.c, id)
}

func credentials(c *conn, id int64) (list []Credential, err error) {
	err = c.query("SELECT id, label, stored_key, server_key, created, used, used_from FROM credential WHERE account = ? ORDER BY id",
		func(r row) error {
			list = append(list, Credential{
				ID: r.int(0), Label: r.text(1), StoredKey: r.blob(2), ServerKey: r.blob(3), Created: r.int(4), Used: r.int(5), UsedFrom: r.text(6),
			})
			return nil
		}, id)
	return list, err
}

// SetPassword replaces the account's password, together with the salt and the iterations it was derived with.
// ErrExists when the salt or the iterations differ from the account's while it has app passwords, which they would break.
func (d *Directory) SetPassword(id int64, salt []byte, iterations int, password Credential) error {
	return d.write(func(c *conn) error {
		others, err := c.queryInt("SELECT COUNT(*) FROM credential JOIN account ON account.id = credential.account "+
			"WHERE account = ? AND label <> '' AND (salt <> ? OR iterations <> ?)", id, salt, int64(iterations))
		if err != nil {
			return err
		}
		if others > 0 {
			return ErrExists
		}
		if err := c.exec("DELETE FROM credential WHERE account = ? AND label = ''", id); err != nil {
			return err
		}
		if err := changeOne(c, "UPDATE account SET salt = ?, iterations = ? WHERE id = ?", salt, int64(iterations), id); err != nil {
			return err
		}
		return insertCredential(c, id, password)
	})
}

// AddCredential adds an app password made with the account's own salt and iterations. ErrExists when the label is taken,
// ErrNotFound when these are no longer the account's.
func (d *Directory) AddCredential(a DirectoryAccount, app Credential) error {
	return d.write(func(c *conn) error {
		_, err := c.queryInt("SELECT id FROM account WHERE id = ? AND salt = ? AND iterations = ?",
			a.ID, a.Salt, int64(a.Iterations))
		if err != nil {
			return err
		}
		return insertCredential(c, a.ID, app)
	})
}

func insertCredential(c *conn, id int64, cr Credential) error {
	return c.exec("INSERT INTO credential (account, label, stored_key, server_key, created) VALUES (?, ?, ?, ?, ?)",
		id, cr.Label, cr.StoredKey, cr.ServerKey, cr.Created)
}

// RemoveCredential takes an app password away. ErrNotFound when the account has none of that id.
func (d *Directory) RemoveCredential(account, id int64) error {
	return d.write(func(c *conn) error {
		return changeOne(c, "DELETE FROM credential WHERE account = ? AND id = ? AND label <> ''", account, id)
	})
}

// TouchCredential notes down when a credential was last used, and from where, unless a use between the moment given and
// now is noted already. One noted for later was by a clock that was ahead.
func (d *Directory) TouchCredential(id, now, since int64, from string) error {
	return d.write(func(c *conn) error {
		return c.exec("UPDATE credential SET used = ?1, used_from = ?2 WHERE id = ?3 AND (used <= ?4 OR used > ?1)", now, from, id, since)
	})
}
