package backend

import (
	"fmt"

	"satchel/storage"
)

// Create makes a mailbox and those above it that are missing (RFC 3501, 6.3.3).
// specialUse is "" or an attribute as SpecialUse gives it, which no two mailboxes
// share: ErrUse. Without one, a mailbox of a new account that is made again has the
// use that it had there, if no other has it by now.
func (a *Account) Create(name, specialUse string) error {
	canonical, err := newName(name)
	if err != nil {
		return fmt.Errorf("create %q: %w", name, err)
	}
	err = a.write(&change{
		alters: []any{a},
		run: func(tx *storage.Tx) error {
			if err := a.plant(tx, canonical); err != nil {
				return err
			}
			use := specialUse
			switch {
			case use == "":
				use = a.standardUse(canonical)
			case a.usedBy(use, 0):
				return ErrUse
			}
			_, err := tx.CreateMailbox(canonical, use)
			return err
		},
	})
	if err != nil {
		return fmt.Errorf("create %q: %w", name, err)
	}
	return nil
}

// plant makes the missing mailboxes above a name that must be free.
func (a *Account) plant(tx *storage.Tx, name string) error {
	if a.has(name) {
		return ErrExists
	}
	for p := range Parents(name) {
		if a.has(p) {
			continue
		}
		if _, err := tx.CreateMailbox(p, ""); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes a mailbox with its messages and its subscription. Children
// stay; a name that only has children cannot be deleted (RFC 3501, 6.3.4).
func (a *Account) Delete(name string) error {
	canonical, err := canonicalName(name)
	if err != nil {
		return fmt.Errorf("delete %q: %w", name, ErrNotFound)
	}
	if canonical == "INBOX" {
		return fmt.Errorf("delete INBOX: %w", ErrCannot)
	}
	m, err := a.mailbox(canonical)
	if err != nil {
		if len(a.children(canonical)) > 0 {
			err = ErrHasChildren
		}
		return fmt.Errorf("delete %q: %w", name, err)
	}
	err = a.write(&change{
		alters: []any{a, m},
		run: func(tx *storage.Tx) error {
			if err := tx.DeleteMailbox(m.id); err != nil {
				return err
			}
			return tx.SetSubscribed(m.row.Name, false)
		},
		apply: func() { a.uproot(m) },
	})
	if err != nil {
		return fmt.Errorf("delete %q: %w", name, err)
	}
	return nil
}

// uproot takes a deleted mailbox out of memory and wakes those who had it open.
func (a *Account) uproot(m *mailbox) {
	a.replant(func() {
		delete(a.byName, m.row.Name)
		delete(a.byID, m.id)
		delete(a.subscribed, m.row.Name)
		a.annotationCount -= len(m.annotations)
		a.unlink(m)
	})
	m.mu.Lock()
	m.gone = true
	m.mu.Unlock()
	m.wake()
}
