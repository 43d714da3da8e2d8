package backend

import (
	"errors"
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

// AdoptUIDs gives a mailbox the UIDVALIDITY that its messages had elsewhere. It
// reports whether their UIDs may be kept: the mailbox has never held a message
// and nobody looks at it, or it has that UIDVALIDITY already.
func (a *Account) AdoptUIDs(mailbox string, uidvalidity uint32) (bool, error) {
	m, err := a.mailbox(mailbox)
	if err != nil {
		return false, err
	}
	err = a.write(&change{
		alters: []any{m},
		run: func(tx *storage.Tx) error {
			m.mu.RLock()
			same, watched := m.row.UIDValidity == uidvalidity, len(m.views) > 0
			m.mu.RUnlock()
			switch {
			case same:
				return nil
			case watched:
				return ErrExists // a session has been told the UIDVALIDITY of now
			}
			return tx.AdoptUIDValidity(m.id, uidvalidity)
		},
	})
	if errors.Is(err, ErrExists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("adopt UIDs in %q: %w", mailbox, err)
	}
	return true, nil
}

// RenounceUIDs gives a mailbox another UIDVALIDITY: messages that came to it while
// its UIDs were being adopted have some of them, and a client that has seen both
// places must not take them for others. Sessions learn of it when they select the
// mailbox again (RFC 3501, 2.3.1.1).
func (a *Account) RenounceUIDs(mailbox string) error {
	m, err := a.mailbox(mailbox)
	if err != nil {
		return err
	}
	err = a.write(&change{
		alters: []any{m},
		run:    func(tx *storage.Tx) error { return tx.RenewUIDValidity(m.id) },
	})
	if err != nil {
		return fmt.Errorf("renounce UIDs in %q: %w", mailbox, err)
	}
	return nil
}

// ReserveUIDs sees to it that new messages get UIDs from next on: an import that
// keeps UIDs reserves those that its source has given out already.
func (a *Account) ReserveUIDs(mailbox string, next UID) error {
	m, err := a.mailbox(mailbox)
	if err != nil {
		return err
	}
	err = a.write(&change{run: func(tx *storage.Tx) error { return tx.ReserveUIDs(m.id, next) }})
	if err != nil {
		return fmt.Errorf("reserve UIDs in %q: %w", mailbox, err)
	}
	return nil
}
