package backend

import (
	"sync"

	"satchel/storage"
)

// What let somebody in, if that was no app password.
const (
	MainPassword = -1 // the account's own
	Certificate  = -2 // of the client
	Token        = -3 // of an issuer
)

// Credential is what let somebody in.
type Credential struct {
	ID    int64  // one of the above, or that of an app password, which no other one ever has; 0: nobody was let in
	Label string // of the app password
}

func credentialOf(c storage.Credential) Credential {
	if c.Label == "" {
		return Credential{ID: MainPassword}
	}
	return Credential{c.ID, c.Label}
}

// revocations knows when something that people log in by was last taken back: a login that began before may have been
// let in by it. A moment is a number, and later ones are larger.
type revocations struct {
	mu   sync.Mutex
	now  uint64                // guarded by mu
	last map[string]*takenBack // by the account's id; guarded by mu
}

// takenBack is what was taken back of one account.
type takenBack struct {
	all uint64           // when all that lets in was
	one map[int64]uint64 // when single ones were, by their IDs, after all; at most maxTakenBack
}

// maxTakenBack is how many single credentials are remembered. All of them count as taken back when there are more: who
// logs in at that moment has to do so once more.
const maxTakenBack = 2 * maxAppPasswords

// everything is the ID of all that lets in to an account.
const everything = 0

func (r *revocations) note(account string, credential int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		r.last = map[string]*takenBack{}
	}
	r.now++
	t := r.last[account]
	switch {
	case t != nil && len(t.one) >= maxTakenBack, credential == everything:
		r.last[account] = &takenBack{all: r.now}
		return
	case t == nil:
		t = &takenBack{}
		r.last[account] = t
	}
	if t.one == nil {
		t.one = map[int64]uint64{}
	}
	t.one[credential] = r.now
}

func (r *revocations) moment() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *revocations) since(account string, credential int64, moment uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.last[account]
	return t != nil && (t.all > moment || t.one[credential] > moment)
}

// LoginsFrom gives the moment for RevokedSince: it is asked for before a login begins.
func (b *Backend) LoginsFrom() uint64 { return b.dir.revoked.moment() }

// RevokedSince reports whether, after that moment, what a credential's ID stands for was taken back, or the account was
// disabled or removed. A new session asks once it can be found by who ends sessions, and so misses nothing: what is taken
// back is noted first, and the sessions concerned are looked for after that.
func (b *Backend) RevokedSince(account string, credential int64, moment uint64) bool {
	return b.dir.revoked.since(account, credential, moment)
}

// revoking makes a change after which who was let in by a credential, or by any, has to log in again.
func (d *directory) revoking(name string, credential int64, change func() error) error {
	a, err := d.named(name)
	if err != nil {
		return err
	}
	err = change()
	d.revoked.note(a.Folder, credential) // also after an error: it may have been about something behind the change
	return err
}
