package passwords

import (
	"context"
	"errors"
	"time"
)

// ErrBusy says that too many passwords are waiting to be derived; later ones may succeed.
var ErrBusy = errors.New("too many passwords to check")

// Deriver derives passwords that clients give: a few at once, and those that were right lately not again.
type Deriver struct {
	memo *memo
	gate *gate
}

// NewDeriver makes a Deriver that has seen no password; now is its clock.
func NewDeriver(now func() time.Time) *Deriver { return &Deriver{newMemo(now), newGate()} }

// StoredKey is the password's Keys.Stored, which it may have to wait for. Errors are ErrBusy and ctx's.
func (d *Deriver) StoredKey(ctx context.Context, password string, salt []byte, iterations int) ([]byte, error) {
	k := d.memo.keyOf(password, salt, iterations)
	if s := d.memo.stored(k); s != nil {
		return s, nil
	}
	if err := d.gate.enter(ctx); err != nil {
		return nil, err
	}
	defer d.gate.leave()
	if s := d.memo.stored(k); s != nil { // another connection of the same device was first
		return s, nil
	}
	keys, err := Derive(password, salt, iterations)
	if err != nil {
		return nil, err
	}
	return keys.Stored, nil
}

// Remember keeps for a while what a password was derived to that was right.
func (d *Deriver) Remember(password string, salt []byte, iterations int, stored []byte) {
	d.memo.remember(d.memo.keyOf(password, salt, iterations), stored)
}
