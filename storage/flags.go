package storage

import (
	"fmt"
	"strings"
)

// FlagChange is new flags for some UIDs: first Set is added, then Clear taken away, and Keywords, unless nil, replaces
// the keywords. Unseen and Deleted are what that adds to the mailbox's counters, as the caller knows from its index.
type FlagChange struct {
	UIDs            []Range
	Set, Clear      Flags
	Keywords        *string
	Unseen, Deleted int
}

// SetFlags applies changes under one new mod-sequence, which it returns. UIDs that are not there are passed over.
func (tx *Tx) SetFlags(id MailboxID, changes []FlagChange) (ModSeq, error) {
	b, err := tx.Mailbox(id)
	if err != nil {
		return 0, err
	}
	b.ModSeq++
	for i := range changes {
		c := &changes[i]
		b.Unseen += uint32(c.Unseen)
		b.Deleted += uint32(c.Deleted)
		if err := tx.applyFlags(id, c, b.ModSeq); err != nil {
			return 0, fmt.Errorf("flags in %q: %w", b.Name, err)
		}
	}
	tx.touch(&b)
	for i := range changes {
		if k := changes[i].Keywords; k != nil && *k != "" {
			if err := tx.AddKeywords(id, strings.Fields(*k)); err != nil {
				return 0, err
			}
		}
	}
	return b.ModSeq, nil
}

// applyFlags writes one change, range by range.
func (tx *Tx) applyFlags(id MailboxID, c *FlagChange, modseq ModSeq) error {
	for _, r := range c.UIDs {
		var err error
		if c.Keywords == nil {
			err = tx.c.exec(`UPDATE entry SET flags = (flags | ?) & ~?, modseq = ?
				WHERE mailbox = ? AND uid BETWEEN ? AND ?`,
				int64(c.Set), int64(c.Clear), int64(modseq), int64(id), int64(r.First), int64(r.Last))
		} else {
			err = tx.c.exec(`UPDATE entry SET flags = (flags | ?) & ~?, modseq = ?, keywords = nullif(?, '')
				WHERE mailbox = ? AND uid BETWEEN ? AND ?`,
				int64(c.Set), int64(c.Clear), int64(modseq), *c.Keywords, int64(id), int64(r.First), int64(r.Last))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
