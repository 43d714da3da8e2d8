package backend

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"satchel/backend/passwords"
)

// AccountInfo describes an account to who administers it.
type AccountInfo struct {
	ID        string // permanent; the name of its folder
	Name      string
	Disabled  bool
	Addresses []string // sorted, the name among them
	Created   time.Time
	// MailGone, which AccountByName alone says: opening the account ends with ErrMailGone.
	MailGone bool
}

// CheckAccount says what AddAccount would refuse even if there were no accounts yet,
// and returns the name in its canonical spelling. Errors never have the password.
func CheckAccount(name, password string) (canonical string, err error) {
	if canonical, err = canonicalAccountName(name); err != nil {
		return "", err
	}
	if err := passwords.Check(password); err != nil {
		return "", fmt.Errorf("account %q: %w", canonical, err)
	}
	return canonical, nil
}

// AddAccount makes an account: alice or alice@example.org, in one canonical
// spelling. The name is its first address. ErrExists names who has it.
func (b *Backend) AddAccount(name, password string) (AccountInfo, error) {
	return b.dir.addAccount(name, password)
}

// Accounts lists all accounts by name.
func (b *Backend) Accounts() ([]AccountInfo, error) { return b.dir.list() }

// SetPassword replaces the account's password. App passwords stay.
func (b *Backend) SetPassword(name, password string) error {
	return b.dir.revoking(name, MainPassword, func() error { return b.dir.setPassword(name, password) })
}

// SetDisabled forbids logging in, or allows it again. Mail still arrives at a
// disabled account: nothing is lost while its owner sorts out a stolen password.
// Open sessions are the server's to end.
func (b *Backend) SetDisabled(name string, disabled bool) error {
	if !disabled {
		return b.dir.setDisabled(name, false)
	}
	return b.dir.revoking(name, everything, func() error { return b.dir.setDisabled(name, true) })
}

// RemoveAccount forgets the account, its addresses and passwords, and erases its
// mail for good. Once it has begun the account is gone: after a crash the
// erasure is finished at the next start.
func (b *Backend) RemoveAccount(name string) error {
	folder, err := b.dir.remove(name)
	if err != nil {
		return err
	}
	b.dir.revoked.note(folder, everything)
	b.expel(folder)
	return b.dir.eraseRemoved()
}

// expel refuses further changes to a removed account that is still in use. Its
// files, deleted meanwhile, are closed like any other's once the last session
// has let go.
func (b *Backend) expel(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.accounts[id]; a != nil {
		a.writer.refuse(ErrClosed)
	}
}

// AddAddress has the account receive mail for an address and log in by it:
// local@domain, a local part for any domain, or @domain for whatever else the
// domain receives, which nobody can log in by. ErrExists names who has it.
func (b *Backend) AddAddress(account, address string) error {
	return b.dir.addAddress(account, address)
}

// RemoveAddress takes an address away; the account's own name cannot be.
func (b *Backend) RemoveAddress(account, address string) error {
	return b.dir.removeAddress(account, address)
}

// AddAppPassword makes a random password for a device, labelled so that it can
// be revoked alone, and returns it in the spelling to type. It is not kept in a
// form that could be shown again. ErrExists when the label is taken.
func (b *Backend) AddAppPassword(account, label string) (secret string, err error) {
	return b.dir.addAppPassword(account, label)
}

// AppPasswords lists the account's app passwords, the oldest first.
func (b *Backend) AppPasswords(account string) ([]AppPassword, error) {
	return b.dir.appPasswords(account)
}

// RevokeAppPassword makes an app password worthless at once for new logins, and returns the ID that sessions know it by;
// see RevokedSince for logins under way.
func (b *Backend) RevokeAppPassword(account, label string) (id int64, err error) {
	return b.dir.revokeAppPassword(account, label)
}

// Authenticate opens the account of who knows its password or one of its app
// passwords, under any of its addresses, and says which it was. The caller releases
// the account. It ends with ErrAuth, ErrDisabled (the password was right),
// ErrTooMany, ctx's error or trouble with the disk, and waits up to 15 seconds first
// where there have been failures; an invalid or loopback remote never waits.
func (b *Backend) Authenticate(ctx context.Context, user, password string, remote netip.Addr) (*Account, Credential, error) {
	a, by, err := b.dir.authenticate(ctx, user, password, remote, true)
	b.meters.loggedIn(passwordMethod, err)
	if err != nil {
		return nil, Credential{}, err
	}
	account, err := b.Account(a.Folder, a.Name)
	return account, by, err
}

// AuthenticateOwner finds the account of who knows its own password, which is
// MainPassword: an app password, which a lost phone may have, is not for what changes
// the account. It waits and ends as Authenticate does. The AccountInfo comes without
// Addresses.
func (b *Backend) AuthenticateOwner(ctx context.Context, user, password string, remote netip.Addr) (AccountInfo, error) {
	a, _, err := b.dir.authenticate(ctx, user, password, remote, false)
	b.meters.loggedIn(passwordMethod, err)
	if err != nil {
		return AccountInfo{}, err
	}
	return infoOf(a, nil), nil
}

// SASL starts an exchange of the mechanism, one of conn.Mechanisms() in
// capitals; ErrSASL for another. ctx ends its waits.
func (b *Backend) SASL(ctx context.Context, mechanism string, conn SASLConn) (*Exchange, error) {
	return b.exchange(ctx, mechanism, conn, b.Account)
}

func (b *Backend) exchange(ctx context.Context, mechanism string, conn SASLConn, open func(id, name string) (*Account, error)) (*Exchange, error) {
	x, err := b.dir.exchange(ctx, mechanism, conn, open)
	if err == nil {
		x.ended = func(err error) { b.meters.loggedIn(mechanism, err) }
	}
	return x, err
}

// Identify is SASL for who only asks whether somebody is whom he says, such as the
// MTA: no mail is opened, and the exchange's Account stays nil.
func (b *Backend) Identify(ctx context.Context, mechanism string, conn SASLConn) (*Exchange, error) {
	return b.exchange(ctx, mechanism, conn, nil)
}

// Resolve finds who receives mail for an address: the address itself, without
// its +detail, the same without the domain, the domain's catch-all, in this
// order. detail is what was left out, "" otherwise. ErrNotFound when nobody does,
// ErrNoAccounts when there is nobody at all.
// The AccountInfo comes without Addresses.
func (b *Backend) Resolve(address string) (info AccountInfo, detail string, err error) {
	a, detail, err := b.dir.resolve(address)
	if err != nil {
		return AccountInfo{}, "", err
	}
	return infoOf(a, nil), detail, nil
}

// ResolveSender finds who may send mail from an address: as Resolve, but the
// domain counts, unless it is the default domain. Who is alice at every domain as
// a recipient is not for that the sender of every domain.
func (b *Backend) ResolveSender(address string) (AccountInfo, error) {
	a, err := b.dir.resolveSender(address)
	if err != nil {
		return AccountInfo{}, err
	}
	return infoOf(a, nil), nil
}

// HasDomain says whether the domain is one of ours: somebody has an address at it,
// or it is the default domain. ErrNoAccounts when there is nobody at all.
func (b *Backend) HasDomain(domain string) (bool, error) { return b.dir.hasDomain(domain) }

// AccountByName finds the account of that name, in any spelling. ErrNotFound, which is ErrNoAccounts too when there is
// nobody at all.
func (b *Backend) AccountByName(name string) (AccountInfo, error) {
	a, err := b.dir.named(name)
	if err != nil {
		return AccountInfo{}, err
	}
	addresses, err := b.dir.store.AddressesOf(a.ID)
	if err != nil {
		return AccountInfo{}, fmt.Errorf("account %q: %w", a.Name, err)
	}
	info := infoOf(a, addresses)
	info.MailGone = errors.Is(b.dir.missing(a.Folder), ErrMailGone)
	return info, nil
}
