package storage

import (
	"fmt"
	"slices"
)

// touch keeps a new row, or one that Tx.Mailbox gave and that has changed, for Commit.
func (tx *Tx) touch(b *Mailbox) {
	tx.grown = tx.grown.Plus(b.Usage())
	if was, known := tx.boxes[b.ID]; known {
		tx.grown = tx.grown.Minus(was.Usage())
	}
	tx.boxes[b.ID] = touched{Mailbox: *b, dirty: true}
}

// CreateMailbox makes an empty mailbox. Its UIDVALIDITY is larger than any that this file has given out and not below the
// current time, until 2105. ErrExists when the name is taken.
func (tx *Tx) CreateMailbox(name, specialUse string) (Mailbox, error) {
	b := Mailbox{Name: name, UIDNext: 1, ModSeq: 1, Recent: 1, SpecialUse: specialUse}
	err := tx.usable()
	if err == nil {
		b.UIDValidity, err = tx.takeUIDValidity(0)
	}
	if err == nil {
		_, err = tx.c.execCount(`INSERT INTO mailbox
			(name, uidvalidity, uidnext, modseq, recent, messages, unseen, deleted, size, special_use)
			VALUES (?, ?, 1, 1, 1, 0, 0, 0, 0, ?)`, name, int64(b.UIDValidity), specialUse)
	}
	if err != nil {
		return Mailbox{}, fmt.Errorf("create mailbox %q: %w", name, err)
	}
	id, err := tx.c.queryInt("SELECT last_insert_rowid()")
	if err != nil {
		return Mailbox{}, err
	}
	b.ID = MailboxID(id)
	tx.touch(&b)
	return b, nil
}

// RenameMailbox changes the name of one mailbox; those below it keep theirs. Its UIDVALIDITY stays, unless that is one of
// another place that another mailbox was renamed or deleted with before. ErrExists when the name is taken.
func (tx *Tx) RenameMailbox(id MailboxID, name string) error {
	b, err := tx.Mailbox(id)
	if err != nil {
		return err
	}
	old := b.Name
	if spent, err := tx.spend(&b); err != nil {
		return err
	} else if spent {
		if err := tx.renewUIDValidity(&b); err != nil {
			return err
		}
	}
	b.Name = name
	if err := tx.writeMailbox(&b); err != nil {
		return fmt.Errorf("rename %q to %q: %w", old, name, err)
	}
	delete(tx.m.boxes, id) // no longer what the table has
	tx.touch(&b)
	return nil
}

// SetSpecialUse replaces the special-use attributes of a mailbox.
func (tx *Tx) SetSpecialUse(id MailboxID, use string) error {
	b, err := tx.Mailbox(id)
	if err != nil {
		return err
	}
	b.SpecialUse = use
	tx.touch(&b)
	return nil
}

// SetRecent notes that the UIDs below uid have been \Recent to a session. It never goes back.
func (tx *Tx) SetRecent(id MailboxID, uid UID) error {
	b, err := tx.Mailbox(id)
	if err != nil || uid <= b.Recent {
		return err
	}
	b.Recent = uid
	tx.touch(&b)
	return nil
}

// AddKeywords makes keywords known in a mailbox. Names are compared byte by byte.
func (tx *Tx) AddKeywords(id MailboxID, names []string) error {
	b, err := tx.Mailbox(id)
	if err != nil {
		return err
	}
	for _, name := range names {
		if slices.Contains(b.Keywords, name) {
			continue
		}
		err := tx.c.exec("INSERT INTO keyword (mailbox, ord, name) VALUES (?, ?, ?)", int64(id), int64(len(b.Keywords)), name)
		if err != nil {
			return fmt.Errorf("keyword %q: %w", name, err)
		}
		b.Keywords = append(slices.Clip(b.Keywords), name)
		tx.touch(&b)
	}
	return nil
}

// SetSubscribed adds a name to the subscriptions or takes it away, whether there is such a mailbox or not.
func (tx *Tx) SetSubscribed(name string, on bool) error {
	if err := tx.usable(); err != nil {
		return err
	}
	if on {
		return tx.c.exec("INSERT OR IGNORE INTO subscription (name) VALUES (?)", name)
	}
	return tx.c.exec("DELETE FROM subscription WHERE name = ?", name)
}

// writeMailbox writes the row, its name only if that has changed.
func (tx *Tx) writeMailbox(b *Mailbox) error {
	// A name that is written, even the same one, costs a page of its index.
	was, known := tx.m.boxes[b.ID]
	same := known && was.Name == b.Name && was.UIDValidity == b.UIDValidity && was.SpecialUse == b.SpecialUse &&
		was.Forgotten == b.Forgotten && was.Reserved == b.Reserved && was.Source == b.Source
	if !same {
		err := tx.c.exec("UPDATE mailbox SET name = ?, uidvalidity = ?, special_use = ?, forgotten = ?, reserved = ?, source = ? WHERE id = ?",
			b.Name, int64(b.UIDValidity), b.SpecialUse, int64(b.Forgotten), int64(b.Reserved), b.Source, int64(b.ID))
		if err != nil {
			return err
		}
	}
	return tx.c.exec(`UPDATE mailbox SET uidnext = ?, modseq = ?, recent = ?, messages = ?, unseen = ?, deleted = ?,
		size = ? WHERE id = ?`, int64(b.UIDNext), int64(b.ModSeq), int64(b.Recent), int64(b.Messages), int64(b.Unseen),
		int64(b.Deleted), b.Size, int64(b.ID))
}

// DeleteMailbox removes a mailbox and its entries. Messages that have no other entry stay as those of Expunge do, and the
// mailbox's name with them.
func (tx *Tx) DeleteMailbox(id MailboxID) error {
	b, err := tx.Mailbox(id)
	if err != nil {
		return err
	}
	if err = tx.orphanMailbox(id); err == nil {
		err = tx.keepFormer(&b)
	}
	if err == nil {
		_, err = tx.spend(&b)
	}
	if err != nil {
		return fmt.Errorf("delete mailbox %q: %w", b.Name, err)
	}
	for _, sql := range []string{"DELETE FROM entry WHERE mailbox = ?", "DELETE FROM metadata WHERE mailbox = ?",
		"DELETE FROM mailbox WHERE id = ?"} {
		if err := tx.c.exec(sql, int64(id)); err != nil {
			return fmt.Errorf("delete mailbox %q: %w", b.Name, err)
		}
	}
	tx.grown = tx.grown.Minus(b.Usage())
	delete(tx.boxes, id)
	delete(tx.m.boxes, id) // if the transaction is undone it is read again
	return nil
}
