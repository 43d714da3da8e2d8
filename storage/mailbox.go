package storage

import "fmt"

// Mailbox is a row of the mailbox table with its keywords. Counters are kept by every write of its entries.
type Mailbox struct {
	ID          MailboxID
	Name        string // UTF-8 in NFC, '/' between levels
	UIDValidity uint32
	UIDNext     UID
	ModSeq      ModSeq // at least 1
	Recent      UID    // UIDs from here on have not been \Recent to any session
	Messages    uint32
	Unseen      uint32
	Deleted     uint32 // entries with \Deleted
	Size        int64  // bytes, sum of the entries' sizes
	SpecialUse  string
	Forgotten   ModSeq   // what was expunged up to here may not be remembered
	Reserved    UID      // below it only messages that bring their UID get one; 0: UIDValidity is this file's own
	Source      string   // where UIDValidity comes from
	Keywords    []string // every keyword ever used in it, in the order of first use; shared, not to be changed
}

const mailboxColumns = "id, name, uidvalidity, uidnext, modseq, recent, messages, unseen, deleted, size, special_use, forgotten, reserved, source"

func scanMailbox(r row) Mailbox {
	return Mailbox{
		ID:          MailboxID(r.int(0)),
		Name:        r.text(1),
		UIDValidity: uint32(r.int(2)),
		UIDNext:     UID(r.int(3)),
		ModSeq:      ModSeq(r.int(4)),
		Recent:      UID(r.int(5)),
		Messages:    uint32(r.int(6)),
		Unseen:      uint32(r.int(7)),
		Deleted:     uint32(r.int(8)),
		Size:        r.int(9),
		SpecialUse:  r.text(10),
		Forgotten:   ModSeq(r.int(11)),
		Reserved:    UID(r.int(12)),
		Source:      r.text(13),
	}
}

// Mailboxes returns all mailboxes and the names subscribed to, each in the order of names' bytes, as of one moment.
func (m *Mail) Mailboxes() (boxes []Mailbox, subscribed []string, err error) {
	err = m.readNow(func(c *conn) error {
		return c.snapshot(func() error {
			if boxes, err = readMailboxes(c); err != nil {
				return err
			}
			return c.query("SELECT name FROM subscription ORDER BY name", func(r row) error {
				subscribed = append(subscribed, r.text(0))
				return nil
			})
		})
	})
	return boxes, subscribed, err
}

func readMailboxes(c *conn) (boxes []Mailbox, err error) {
	index := make(map[MailboxID]int)
	err = c.query("SELECT "+mailboxColumns+" FROM mailbox ORDER BY name", func(r row) error {
		b := scanMailbox(r)
		index[b.ID] = len(boxes)
		boxes = append(boxes, b)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = c.query("SELECT mailbox, name FROM keyword ORDER BY mailbox, ord", func(r row) error {
		if i, ok := index[MailboxID(r.int(0))]; ok {
			boxes[i].Keywords = append(boxes[i].Keywords, r.text(1))
		}
		return nil
	})
	return boxes, err
}

// Mailbox returns a mailbox as the transaction sees it. ErrNotFound when it is gone.
func (tx *Tx) Mailbox(id MailboxID) (Mailbox, error) {
	if err := tx.usable(); err != nil {
		return Mailbox{}, err
	}
	if t, ok := tx.boxes[id]; ok {
		return t.Mailbox, nil
	}
	if b, ok := tx.m.boxes[id]; ok {
		tx.boxes[id] = touched{Mailbox: b}
		return b, nil
	}
	var b Mailbox
	err := tx.c.queryRow("SELECT "+mailboxColumns+" FROM mailbox WHERE id = ?",
		func(r row) { b = scanMailbox(r) }, int64(id))
	if err != nil {
		return Mailbox{}, fmt.Errorf("mailbox %d: %w", id, err)
	}
	err = tx.c.query("SELECT name FROM keyword WHERE mailbox = ? ORDER BY ord", func(r row) error {
		b.Keywords = append(b.Keywords, r.text(0))
		return nil
	}, int64(id))
	if err != nil {
		return Mailbox{}, err
	}
	// Changed rows are written at Commit only, so this is as it was committed.
	tx.boxes[id], tx.m.boxes[id] = touched{Mailbox: b}, b
	return b, nil
}
