package storage

// AddAddress gives the account an address. ErrExists when any account has it.
func (d *Directory) AddAddress(id int64, address string, now int64) error {
	return d.write(func(c *conn) error { return insertAddress(c, id, address, now) })
}

func insertAddress(c *conn, id int64, address string, now int64) error {
	return c.exec("INSERT INTO address (address, account, created) VALUES (?, ?, ?)", address, id, now)
}

// RemoveAddress takes an address from the account. ErrNotFound when it is not the account's.
func (d *Directory) RemoveAddress(id int64, address string) error {
	return d.write(func(c *conn) error {
		return changeOne(c, "DELETE FROM address WHERE address = ? AND account = ?", address, id)
	})
}

// Addresses calls each for every address of every account, in order of addresses.
func (d *Directory) Addresses(each func(account int64, address string)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.c.query("SELECT account, address FROM address ORDER BY address", func(r row) error {
		each(r.int(0), r.text(1))
		return nil
	})
}

// AddressesOf returns the account's addresses, sorted.
func (d *Directory) AddressesOf(id int64) (addresses []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.c.query("SELECT address FROM address WHERE account = ? ORDER BY address", func(r row) error {
		addresses = append(addresses, r.text(0))
		return nil
	}, id)
	return addresses, err
}

// Owner returns the account that has exactly this address, ErrNotFound when none has.
func (d *Directory) Owner(address string) (a DirectoryAccount, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return owner(d.c, address)
}

func owner(c *conn, address string) (a DirectoryAccount, err error) {
	err = c.queryRow("SELECT "+accountColumns+" FROM address JOIN account ON account.id = address.account WHERE address = ?",
		func(r row) { a = scanAccount(r) }, address)
	return a, err
}

// IsEmpty says whether there are no accounts.
func (d *Directory) IsEmpty() (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.c.queryInt("SELECT EXISTS (SELECT 1 FROM account)")
	return err == nil && n == 0, err
}

// HasDomain says whether an account has an address at the domain.
func (d *Directory) HasDomain(domain string) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.c.queryInt("SELECT EXISTS (SELECT 1 FROM address WHERE substr(address, instr(address, '@')) = ?)", "@"+domain)
	return n == 1, err
}
