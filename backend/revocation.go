package backend

import "sync"

// revocations knows when something that people log in by was last taken back: a login that began before may have been
// let in by it. A moment is a number, and later ones are larger.
type revocations struct {
	mu   sync.Mutex
	now  uint64            // guarded by mu
	last map[string]uint64 // by the account's id; guarded by mu
}

func (r *revocations) note(account string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		r.last = map[string]uint64{}
	}
	r.now++
	r.last[account] = r.now
}

func (r *revocations) moment() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *revocations) since(account string, moment uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last[account] > moment
}

// LoginsFrom gives the moment for RevokedSince: it is asked for before a login begins.
func (b *Backend) LoginsFrom() uint64 { return b.dir.revoked.moment() }

// RevokedSince reports whether, after that moment, the account got another password, lost an app password, was disabled or
// removed. Who asks once a session can be found, to be ended, misses nothing: what is taken back later is noted before
// sessions are looked for.
func (b *Backend) RevokedSince(account string, moment uint64) bool {
	return b.dir.revoked.since(account, moment)
}

// revoking makes a change after which who was let in before has to log in again.
func (d *directory) revoking(name string, change func() error) error {
	a, err := d.named(name)
	if err != nil {
		return err
	}
	err = change()
	d.revoked.note(a.Folder) // also after an error: it may have been about something behind the change
	return err
}
