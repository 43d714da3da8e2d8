package storage

import (
	"fmt"
	"time"
)

// Expunged calls each for the runs of UIDs that were expunged from a mailbox after a mod-sequence, in the order of their
// mod-sequences. What was expunged up to forgotten, the mailbox's Forgotten at that moment, may be missing.
// RFC 7162, 3.2.6.
func (m *Mail) Expunged(id MailboxID, since ModSeq, each func(Range)) (forgotten ModSeq, err error) {
	err = m.read(func(c *conn) error {
		return c.query(`SELECT b.forgotten, x.first, x.last FROM mailbox b LEFT JOIN expunged x
			ON x.mailbox = b.id AND x.modseq > ? WHERE b.id = ? ORDER BY x.modseq, x.first`, func(r row) error {
			if forgotten = ModSeq(r.int(0)); !r.null(1) {
				each(Range{UID(r.int(1)), UID(r.int(2))})
			}
			return nil
		}, int64(since), int64(id))
	})
	return forgotten, err
}

// ForgetExpunged drops a mailbox's memory of what was expunged before a time, and of the oldest of more than most runs,
// at most limit of them. It reports whether there was no more to drop. The mailbox's Forgotten rises accordingly.
func (tx *Tx) ForgetExpunged(id MailboxID, before time.Time, most, limit int) (done bool, err error) {
	b, err := tx.Mailbox(id)
	if err != nil {
		return true, err
	}
	last, err := tx.c.queryInt(`SELECT max(
		(SELECT coalesce(max(modseq), 0) FROM expunged WHERE mailbox = ? AND at < ?),
		(SELECT coalesce(max(modseq), 0) FROM (SELECT modseq FROM expunged WHERE mailbox = ?
			ORDER BY modseq DESC, first DESC LIMIT -1 OFFSET ?)))`,
		int64(id), before.Unix(), int64(id), int64(most))
	if err != nil || last == 0 {
		return true, err
	}
	n, err := tx.c.execCount(`DELETE FROM expunged WHERE (mailbox, modseq, first) IN
		(SELECT mailbox, modseq, first FROM expunged WHERE mailbox = ? AND modseq <= ? ORDER BY modseq, first LIMIT ?)`,
		int64(id), last, int64(limit))
	if err != nil {
		return true, fmt.Errorf("forget expunges of %q: %w", b.Name, err)
	}
	b.Forgotten = max(b.Forgotten, ModSeq(last))
	tx.touch(&b)
	return n < int64(limit), nil
}
