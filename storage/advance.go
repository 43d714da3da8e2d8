package storage

import (
	"fmt"
	"math"
)

// Advance says how far a mail.db that was restored is to be moved beyond what it may have given out after it was copied.
type Advance struct {
	UIDs      UID       // of each mailbox
	ModSeqs   ModSeq    // of each mailbox
	Messages  MessageID // IDs
	Mailboxes MailboxID // IDs

	NewUIDValidity bool // of each mailbox, in place of moving UIDs
	NewObjects     bool // object identifiers that no other file has, for one that is put beside the original
}

// maxAdvanced bounds the UIDs of a mailbox that was restored: beyond it there is a new UIDVALIDITY.
const maxAdvanced = math.MaxUint32 / 2

// Advance moves a mail.db on so that nothing is given out again that clients may know: they find each UID that may have
// come after the copy expunged, and the flags of each message changed. It is to be called before anything else.
func (m *Mail) Advance(a Advance) error {
	tx, err := m.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := tx.advance(a); err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	last, err := m.LastMessage()
	m.next = last + 1
	return err
}

func (tx *Tx) advance(a Advance) error {
	const changed = "UPDATE entry SET modseq = ? + (SELECT modseq FROM mailbox WHERE id = entry.mailbox)"
	if err := tx.c.exec(changed, int64(a.ModSeqs)); err != nil {
		return err
	}
	boxes, err := readMailboxes(tx.c)
	if err != nil {
		return err
	}
	for i := range boxes {
		if err := tx.advanceMailbox(&boxes[i], a); err != nil {
			return err
		}
	}
	if err := tx.c.exec("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'mailbox'", int64(a.Mailboxes)); err != nil {
		return err
	}
	err = tx.c.exec("UPDATE meta SET value = ? + max(value, (SELECT coalesce(max(id), 0) FROM message)) WHERE key = 'erased'",
		int64(a.Messages))
	if err == nil && a.NewObjects {
		err = tx.c.exec("UPDATE meta SET value = random() & 0x3ffffffffff WHERE key = 'objects'")
	}
	return err
}

func (tx *Tx) advanceMailbox(b *Mailbox, a Advance) (err error) {
	b.ModSeq += a.ModSeqs
	if a.NewUIDValidity || uint64(b.UIDNext)+uint64(a.UIDs) > maxAdvanced {
		err = tx.renewUIDValidity(b)
	} else {
		b.UIDNext += a.UIDs
		err = tx.c.exec("INSERT INTO expunged (mailbox, modseq, first, last, at) VALUES (?, ?, ?, ?, ?)",
			int64(b.ID), int64(b.ModSeq), int64(b.UIDNext-a.UIDs), int64(b.UIDNext-1), tx.now)
	}
	tx.touch(b)
	return err
}
