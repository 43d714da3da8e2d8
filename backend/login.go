package backend

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"satchel/backend/passwords"
	"satchel/storage"
)

// UsedStep is how exact the time of a credential's last use is kept: a write to
// the disk once in a while, not each login.
const UsedStep = 5 * time.Minute

// authenticate checks a password, or an app password where programs are let in,
// given in the clear, and says which it was. It waits for its turn first when there
// have been failures. A name that does not exist costs and answers the same as a
// wrong password.
func (d *directory) authenticate(ctx context.Context, user, password string, remote netip.Addr, programs bool) (storage.DirectoryAccount, Credential, error) {
	began := d.revoked.moment()
	a, list, err := d.lookUp(user)
	if err != nil {
		return a, Credential{}, fmt.Errorf("look up %q: %w", user, err)
	}
	if !programs {
		list = slices.DeleteFunc(list, func(c storage.Credential) bool { return c.Label != "" })
	}
	try := d.throttle.Attempt(remote, throttleName(a))
	if err := try.Wait(ctx); err != nil {
		return a, Credential{}, err
	}
	found, err := d.verify(ctx, a, list, password)
	if errors.Is(err, ErrAuth) {
		try.Failed(password)
	}
	if err == nil {
		err = d.admit(a, found, began, remote)
	}
	if err != nil {
		return a, Credential{}, err
	}
	try.Succeeded()
	return a, credentialOf(found), nil
}

// throttleName is what failures at the account are counted under.
func throttleName(a storage.DirectoryAccount) string {
	if a.ID != 0 {
		return a.Folder
	}
	return a.Name
}

// verify finds the credential that the password is for; ErrAuth when it is for
// none. An app password may be typed in capitals or without its hyphens.
func (d *directory) verify(ctx context.Context, a storage.DirectoryAccount, list []storage.Credential, password string) (storage.Credential, error) {
	if len(password) > passwords.MaxLength {
		return storage.Credential{}, ErrAuth
	}
	spellings := []string{password}
	if secret, ok := passwords.AppSpelling(password); ok {
		spellings = append(spellings, secret)
	}
	for _, spelling := range spellings {
		stored, err := d.deriver.StoredKey(ctx, spelling, a.Salt, a.Iterations)
		if errors.Is(err, passwords.ErrBusy) {
			err = fmt.Errorf("check password: %w", ErrTooMany)
		}
		if err != nil {
			return storage.Credential{}, err
		}
		if found, ok := match(list, stored); ok {
			d.deriver.Remember(spelling, a.Salt, a.Iterations, stored)
			return found, nil
		}
	}
	return storage.Credential{}, ErrAuth
}

// match returns the credential with that StoredKey. It takes the same time
// whichever it is, and whether there is one.
func match(list []storage.Credential, stored []byte) (found storage.Credential, ok bool) {
	for _, c := range list {
		if hmac.Equal(c.StoredKey, stored) {
			found, ok = c, true
		}
	}
	return found, ok
}

// admit ends a login whose secret was right when it began. It may have waited long since.
func (d *directory) admit(a storage.DirectoryAccount, with storage.Credential, began uint64, remote netip.Addr) error {
	switch {
	case a.Disabled:
		return fmt.Errorf("log in %q: %w", a.Name, ErrDisabled)
	case d.revoked.since(a.Folder, credentialOf(with).ID, began):
		return fmt.Errorf("log in %q by what was changed meanwhile: %w", a.Name, ErrAuth)
	}
	now := d.now()
	since := now.Add(-UsedStep).Unix()
	if with.Used > since && with.Used <= now.Unix() {
		return nil
	}
	from := ""
	if remote.IsValid() {
		from = remote.Unmap().WithZone("").String()
	}
	if err := d.store.TouchCredential(with.ID, now.Unix(), since, from); err != nil {
		// A full disk must not keep anybody from deleting mail.
		d.log.Warn("cannot note the time of a login", "account", a.Name, "error", err)
	}
	return nil
}

// FailureReason says in one word, for the log, what a login failed of. A wrong
// name and a wrong password are the same word.
func FailureReason(err error) string {
	var refused *TokenRefused
	switch {
	case errors.As(err, &refused):
		return "token " + refused.Reason
	case errors.Is(err, ErrAuth):
		return "password"
	case errors.Is(err, ErrDisabled):
		return "disabled"
	case errors.Is(err, ErrTooMany):
		return "attempts"
	case errors.Is(err, ErrSASL):
		return "syntax"
	}
	return "trouble"
}
