package storage

import "errors"

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

// WithoutMail lists the folders of accounts of which no mail.db is noted.
func (d *Directory) WithoutMail() (folders []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.c.query("SELECT folder FROM account WHERE has_mail = 0", func(r row) error {
		folders = append(folders, r.text(0))
		return nil
	})
	return folders, err
}

// SetHasMail notes whether the mail.db of the accounts in some folders has been made. It is on the disk when it returns nil.
func (d *Directory) SetHasMail(has bool, folders ...string) error {
	return d.write(func(c *conn) (err error) {
		for _, folder := range folders {
			err = errors.Join(err, c.exec("UPDATE account SET has_mail = ? WHERE folder = ?", btoi(has), folder))
		}
		return err
	})
}
