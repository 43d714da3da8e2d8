package storage

import "database/sql/driver"

// Limits is how much there may be of each Resource: at least 0, or one of the values below.
type Limits [quotaResources]int64

const (
	NoLimit    = -1
	Configured = -2 // the account has no limit of its own
)

// LimitsOf returns the limits of the account in a folder: all Configured when it has none, or is not there.
func (d *Directory) LimitsOf(folder string) (Limits, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := Limits{Configured, Configured, Configured}
	err := d.c.query(`SELECT storage, messages, mailboxes FROM quota
		WHERE account = (SELECT id FROM account WHERE folder = ?)`, func(r row) error {
		for i := range l {
			if !r.null(i) {
				l[i] = r.int(i)
			}
		}
		return nil
	}, folder)
	return l, err
}

// SetLimits replaces the limits of an account. ErrNotFound when it is not there.
func (d *Directory) SetLimits(id int64, l Limits) error {
	columns := make([]driver.Value, len(l))
	for i := range l {
		if l[i] != Configured {
			columns[i] = l[i]
		}
	}
	return d.write(func(c *conn) error {
		return changeOne(c, `INSERT OR REPLACE INTO quota (account, storage, messages, mailboxes)
			SELECT id, ?, ?, ? FROM account WHERE id = ?`, append(columns, id)...)
	})
}
