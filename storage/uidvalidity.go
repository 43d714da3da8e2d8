package storage

import (
	"fmt"
	"math"
)

// takeUIDValidity notes a UIDVALIDITY as given out; 0 asks for a new one.
func (tx *Tx) takeUIDValidity(wanted uint32) (uint32, error) {
	last, err := tx.c.queryInt("SELECT coalesce(max(value), 0) FROM meta WHERE key = 'uidvalidity'")
	if err != nil {
		return 0, err
	}
	v := int64(wanted)
	switch {
	case v == 0 && tx.now > math.MaxUint32-1<<24: // a clock that is wrong, or leaves no room above
		v = last + 1
	case v == 0:
		v = max(tx.now, last+1)
	case v > math.MaxInt32:
		return wanted, nil // a foreign one this high would leave no room above it
	}
	if v > last {
		err = tx.c.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('uidvalidity', ?)", v)
	}
	return uint32(v), err
}

// RenewUIDValidity gives a mailbox a UIDVALIDITY above the one it has, for one whose UIDs turn out not to be what they
// were elsewhere.
func (tx *Tx) RenewUIDValidity(id MailboxID) error {
	b, err := tx.Mailbox(id)
	if err != nil {
		return err
	}
	next, err := tx.takeUIDValidity(0)
	if err != nil {
		return err
	}
	if next <= b.UIDValidity { // a foreign one, that was not noted
		next = max(b.UIDValidity+1, 1)
	}
	b.UIDValidity = next
	tx.touch(&b)
	return nil
}

// AdoptUIDValidity gives a mailbox that never held a message the UIDVALIDITY it had elsewhere. ErrExists when a UID has
// been given out.
func (tx *Tx) AdoptUIDValidity(id MailboxID, v uint32) error {
	b, err := tx.Mailbox(id)
	if err != nil {
		return err
	}
	if b.UIDNext != 1 {
		return fmt.Errorf("uidvalidity of %q: a UID under the old one %w", b.Name, ErrExists)
	}
	if b.UIDValidity, err = tx.takeUIDValidity(v); err != nil {
		return err
	}
	tx.touch(&b)
	return nil
}
