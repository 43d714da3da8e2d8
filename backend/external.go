package backend

import (
	"errors"
	"fmt"

	"satchel/storage"
)

// external ends EXTERNAL (RFC 4422, appendix A): the client's certificate says who
// it is. One that names several accounts is good for each of them, the first
// where no identity is asked for.
func (l *login) external(identity string) error {
	l.user, l.identity = l.conn.Identities[0], identity
	var last error
	for _, name := range l.conn.Identities {
		a, err := l.d.asserted(name)
		if err != nil {
			return err
		}
		if a.ID == 0 {
			continue
		}
		l.user, l.account = name, a
		if last = l.authorize(); !errors.Is(last, ErrAuth) {
			return l.vouched(Certificate, last)
		}
	}
	if last == nil {
		last = fmt.Errorf("log in %q: no account has that address: %w", l.user, ErrAuth)
	}
	return last
}

// vouched ends a login in which somebody else than the account's owner says who
// he is: a certificate, or the issuer of a token.
func (l *login) vouched(by int64, err error) error {
	l.by = Credential{ID: by}
	if err == nil && l.account.Disabled {
		return fmt.Errorf("log in %q: %w", l.account.Name, ErrDisabled)
	}
	return err
}

// asserted finds the account of a name that somebody else vouches for; one with ID
// 0 when there is none. Unlike one that comes with a password it must fit with its
// domain: whoever makes certificates for example.org says nothing of the account
// "alice" but where example.org is the default domain.
func (d *directory) asserted(name string) (storage.DirectoryAccount, error) {
	canonical, err := canonicalAddress(name)
	local, domain, hasDomain := splitAddress(canonical)
	if err != nil || local == "" {
		return storage.DirectoryAccount{}, nil
	}
	names := []string{canonical}
	switch {
	case d.domain == "":
	case !hasDomain:
		names = append(names, local+"@"+d.domain)
	case domain == d.domain:
		names = append(names, local)
	}
	for _, n := range names {
		a, _, err := d.store.Login(n)
		if !errors.Is(err, ErrNotFound) {
			return a, err
		}
	}
	return storage.DirectoryAccount{}, nil
}
