package backend

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"satchel/backend/passwords"
	"satchel/backend/throttle"
	"satchel/backend/token"
	"satchel/storage"
)

// What logging in can end with, besides trouble with the disk.
var (
	// ErrAuth says that no such user has that password; which of the two is wrong
	// is nobody's business.
	ErrAuth = errors.New("wrong user name or password")
	// ErrDisabled says that the password is right and the account is disabled.
	ErrDisabled = errors.New("the account is disabled")
	// ErrTooMany says that there have been too many attempts; later ones may succeed.
	ErrTooMany = throttle.ErrTooMany
)

// LoginConfig is what an administrator can set about names and passwords.
type LoginConfig struct {
	// Domain is added to a name without one: alice may then log in as, and receive
	// mail for, the account alice@Domain. "" adds nothing.
	Domain string
	// Iterations is the PBKDF2 count for passwords set from now on; 0 is
	// passwords.DefaultIterations.
	Iterations int
	// Tokens says whose bearer tokens log in; nobody's when its Issuer is "".
	Tokens token.Config
}

// directory knows the accounts and lets their owners in. It owns directory.db.
// It never opens mail. Safe for concurrent use.
type directory struct {
	store      *storage.Directory
	data       string // the data folder
	domain     string
	iterations int
	decoy      []byte // makes the salts
	now        func() time.Time
	log        *slog.Logger
	deriver    *passwords.Deriver
	throttle   *throttle.Throttle
	revoked    revocations
	tokens     *token.Issuer // nil: none are taken

	erasing sync.Mutex // folders appear and are erased one at a time
}

// withDefaults checks what is set and fills in what is not.
func (c LoginConfig) withDefaults() (LoginConfig, error) {
	if c.Iterations == 0 {
		c.Iterations = passwords.DefaultIterations
	}
	if c.Iterations < passwords.MinIterations {
		return c, fmt.Errorf("password iterations %d: at least %d are needed (RFC 7677)", c.Iterations, passwords.MinIterations)
	}
	if c.Domain == "" {
		return c, nil
	}
	domain, err := canonicalDomain(c.Domain)
	if err != nil {
		return c, fmt.Errorf("default domain: %w", err)
	}
	c.Domain = domain
	return c, nil
}

// openDirectory opens directory.db in the data folder, made at the first start,
// and finishes the erasure of removed accounts.
func openDirectory(data string, cfg LoginConfig, log *slog.Logger, now func() time.Time) (*directory, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	var tokens *token.Issuer
	if cfg.Tokens.Issuer != "" {
		if tokens, err = token.New(cfg.Tokens); err != nil {
			return nil, fmt.Errorf("oauth: %w", err)
		}
	}
	store, err := storage.OpenDirectory(filepath.Join(data, "directory.db"))
	if err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	d := &directory{store: store, data: data, domain: cfg.Domain, iterations: cfg.Iterations,
		now: now, log: log, deriver: passwords.NewDeriver(now), throttle: throttle.New(now), tokens: tokens}
	fresh := make([]byte, 32)
	rand.Read(fresh) // never fails
	if d.decoy, err = store.Secret("decoy", fresh); err == nil {
		err = d.eraseRemoved()
	}
	if err == nil {
		err = d.noteFound()
	}
	if err != nil {
		store.Close()
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	return d, nil
}

func (d *directory) close() error { return d.store.Close() }

// saltFor makes the salt of a name. An account's and the one shown for a name
// that does not exist come from here alike, and depend on the part before the
// '@' only, so that asking for salts (RFC 5802, 9) does not tell which names and
// domains exist. Only two addresses of one account that differ before the '@'
// can be told to belong together.
func (d *directory) saltFor(name string) []byte {
	local, _, _ := splitAddress(name)
	return passwords.Salt(d.decoy, local)
}

// lookUp finds who may log in by that name and with what. A name that is nobody's
// gives an account with ID 0, that costs as much to check and fits no password.
func (d *directory) lookUp(user string) (storage.DirectoryAccount, []storage.Credential, error) {
	for _, name := range loginNames(user, d.domain) {
		a, list, err := d.store.Login(name)
		if !errors.Is(err, ErrNotFound) {
			return a, list, err
		}
	}
	name, err := canonicalAddress(user)
	if err != nil {
		name = user
	}
	return storage.DirectoryAccount{Name: name, Salt: d.saltFor(name), Iterations: d.iterations}, nil, nil
}
