package backend

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"satchel/storage"
)

// Rename gives a mailbox and its children another name; subscriptions follow,
// UIDs and sessions that have them open stay (RFC 3501, 6.3.5), and so does
// UIDVALIDITY, unless it was adopted and was left behind by another mailbox before.
// Renaming INBOX moves its messages into a new mailbox and leaves it empty.
func (a *Account) Rename(from, to string) error {
	err := a.rename(from, to)
	if err != nil {
		return fmt.Errorf("rename %q to %q: %w", from, to, err)
	}
	return nil
}

func (a *Account) rename(from, to string) error {
	source, err := canonicalName(from)
	if err != nil {
		return ErrNotFound
	}
	target, err := newName(to)
	if err != nil {
		return err
	}
	switch {
	case source == "INBOX":
		return a.emptyInbox(target)
	case source == target:
		return ErrExists
	case below(target, source):
		return fmt.Errorf("%w: a mailbox cannot become its own child", ErrCannot)
	}
	return a.renameTree(source, target)
}

// renaming is one mailbox of a tree and its new name.
type renaming struct {
	m  *mailbox
	to string
}

func (a *Account) renameTree(source, target string) error {
	return a.write(&change{
		alters: []any{a},
		run: func(tx *storage.Tx) error {
			moves, err := a.moves(source, target)
			if err != nil {
				return err
			}
			if err := a.plant(tx, target); err != nil {
				return err
			}
			for _, r := range moves {
				if err := tx.RenameMailbox(r.m.id, r.to); err != nil {
					return err
				}
			}
			return a.moveSubscriptions(tx, source, target)
		},
		apply: func() { a.replant(func() { a.renameSubscriptions(source, target) }) },
	})
}

// moves lists the mailboxes that a rename concerns, with their new names.
func (a *Account) moves(source, target string) ([]renaming, error) {
	var list []renaming
	if m, err := a.mailbox(source); err == nil {
		list = append(list, renaming{m, target})
	}
	for _, m := range a.children(source) {
		list = append(list, renaming{m, target + strings.TrimPrefix(m.row.Name, source)})
	}
	if len(list) == 0 {
		return nil, ErrNotFound
	}
	for _, r := range list {
		if _, err := newName(r.to); err != nil {
			return nil, err
		}
		if a.has(r.to) {
			return nil, ErrExists
		}
	}
	return list, nil
}

// renamed gives the new form of a name that is source or below it.
func renamed(name, source, target string) (string, bool) {
	if name == source || below(name, source) {
		return target + name[len(source):], true
	}
	return name, false
}

func (a *Account) moveSubscriptions(tx *storage.Tx, source, target string) error {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for name := range a.subscribed {
		to, concerned := renamed(name, source, target)
		if !concerned {
			continue
		}
		if err := tx.SetSubscribed(name, false); err != nil {
			return err
		}
		if err := tx.SetSubscribed(to, true); err != nil {
			return err
		}
	}
	return nil
}

// renameSubscriptions is moveSubscriptions in memory. Callers hold mu.
func (a *Account) renameSubscriptions(source, target string) {
	for _, name := range slices.Collect(maps.Keys(a.subscribed)) {
		if to, concerned := renamed(name, source, target); concerned {
			delete(a.subscribed, name)
			a.subscribed[to] = true
		}
	}
}

// emptyInbox moves all messages of INBOX into a new mailbox and copies its
// annotations (RFC 5464, 4.1).
func (a *Account) emptyInbox(target string) error {
	if target == "INBOX" {
		return ErrExists
	}
	v, err := a.Open("INBOX", true, func() {}) // which keeps its index in memory
	if err != nil {
		return err
	}
	defer v.Close()
	inbox := v.mailbox
	var t transfer
	var made storage.Mailbox
	return a.write(&change{
		alters: []any{a, inbox},
		run: func(tx *storage.Tx) (err error) {
			if err := a.plant(tx, target); err != nil {
				return err
			}
			if made, err = tx.CreateMailbox(target, ""); err != nil {
				return err
			}
			t = transfer{rows: inbox.entries(nil)}
			if len(t.rows) > 0 {
				t.added, t.removed, err = tx.Move(inbox.id, made.ID, t.rows)
			}
			return errors.Join(err, a.copyAnnotations(tx, inbox, made.ID))
		},
		apply: func() {
			inbox.expunged(t.uids(), t.removed)
			a.adoptAnnotations(inbox, made.ID)
		},
	})
}
