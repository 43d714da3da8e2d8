package backend

import (
	"strings"

	"satchel/storage"
)

// specialUses are the attributes of RFC 6154 and RFC 8457 that a mailbox can have. \All and
// \Flagged would be views of other mailboxes: there are none.
var specialUses = [...]string{`\Archive`, `\Drafts`, `\Important`, `\Junk`, `\Sent`, `\Trash`}

// SpecialUse gives the attribute that a mailbox is to have of those that were
// asked for, in its usual spelling, "" for none. ErrUse when there is no such use,
// or there are several: each is one mailbox's alone.
func SpecialUse(asked []string) (string, error) {
	if len(asked) == 0 {
		return "", nil
	}
	for _, known := range specialUses {
		if strings.EqualFold(asked[0], known) && len(asked) == 1 {
			return known, nil
		}
	}
	return "", ErrUse
}

// use is the mailbox's special use.
func (m *mailbox) use() string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.row.SpecialUse
}

// setUse changes a mailbox's special use to what a list of attributes says.
func (a *Account) setUse(tx *storage.Tx, id storage.MailboxID, list string) error {
	use, err := SpecialUse(strings.Fields(list))
	if err == nil && a.usedBy(use, id) {
		err = ErrUse
	}
	if err != nil {
		return err
	}
	return tx.SetSpecialUse(id, use)
}

// standardUse is the special use that a mailbox of that name has in a new account, "" if
// another one has it.
func (a *Account) standardUse(name string) string {
	for _, m := range standardMailboxes {
		if m.name == name && !a.usedBy(m.use, 0) {
			return m.use
		}
	}
	return ""
}

// usedBy reports whether another mailbox has the special use.
func (a *Account) usedBy(use string, besides storage.MailboxID) bool {
	if use == "" {
		return false
	}
	for _, m := range a.mailboxes() {
		if m.id != besides && m.use() == use {
			return true
		}
	}
	return false
}
