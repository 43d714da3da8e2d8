package backend

import (
	"fmt"

	"satchel/storage"
)

// Imported reports which ImportKeys a mailbox has had, in the order of keys,
// whether their messages are still there or not.
func (a *Account) Imported(mailbox string, keys [][]byte) ([]bool, error) {
	m, err := a.mailbox(mailbox)
	if err != nil {
		return nil, err
	}
	return a.mail.Imported(m.id, keys)
}

// Numbering is how a place that messages come from has numbered them.
type Numbering = storage.Numbering

// AdoptUIDs lets a mailbox that never held a message and that nobody looks at number
// its messages as the place they come from does. It reports whether the UIDs of a Batch
// from there are kept: now, or still, since nothing else has come to the mailbox.
// A message that comes to the mailbox otherwise gets none that the place has given to
// another, nor does one that comes too late to keep its own: from then on none is kept.
func (a *Account) AdoptUIDs(mailbox string, from Numbering) (kept bool, err error) {
	m, err := a.mailbox(mailbox)
	if err != nil {
		return false, err
	}
	err = a.write(&change{
		alters: []any{m},
		run: func(tx *storage.Tx) (err error) {
			m.mu.RLock()
			told := len(m.views) > 0 && m.row.UIDValidity != from.UIDValidity
			m.mu.RUnlock()
			if told { // a session knows the UIDVALIDITY of now
				return nil
			}
			kept, err = tx.AdoptUIDs(m.id, from)
			return err
		},
	})
	if err != nil {
		return false, fmt.Errorf("adopt UIDs in %q: %w", mailbox, err)
	}
	return kept, nil
}

// AdoptUIDNext gives a mailbox that keeps the UIDs of a place, and has all that was to
// come from there, the UIDNEXT of there.
func (a *Account) AdoptUIDNext(mailbox string, from Numbering) error {
	m, err := a.mailbox(mailbox)
	if err != nil {
		return err
	}
	err = a.write(&change{run: func(tx *storage.Tx) error { return tx.AdoptUIDNext(m.id, from) }})
	if err != nil {
		return fmt.Errorf("adopt UIDNEXT in %q: %w", mailbox, err)
	}
	return nil
}
