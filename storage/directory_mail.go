package storage

// HasMail reports whether the mail.db of the account in a folder has been made, as SetHasMail has noted. An account that is
// not there has none.
func (d *Directory) HasMail(folder string) (has bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.c.query("SELECT has_mail FROM account WHERE folder = ?", func(r row) error {
		has = r.int(0) != 0
		return nil
	}, folder)
	return has, err
}

// SetHasMail notes whether the mail.db of the account in a folder has been made. It is on the disk when it returns nil.
func (d *Directory) SetHasMail(folder string, has bool) error {
	return d.write(func(c *conn) error {
		return c.exec("UPDATE account SET has_mail = ? WHERE folder = ?", btoi(has), folder)
	})
}
