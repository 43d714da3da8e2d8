package storage

import "fmt"

// Expunge removes entries under one new mod-sequence, which it returns, and remembers their UIDs under it. Messages
// that lose their last entry stay readable until Purge. ErrNotFound when the mailbox does not have all of them.
func (tx *Tx) Expunge(id MailboxID, rows []Entry) (ModSeq, error) {
	if len(rows) == 0 {
		return tx.remove(id, rows)
	}
	shared, err := tx.among("SELECT message, entries FROM shared WHERE message ", rows)
	if err != nil {
		return 0, err
	}
	rows = ascending(rows)
	if len(shared) == 0 {
		err = tx.orphanRuns(id, rows)
	} else {
		err = tx.unshare(id, rows, shared)
	}
	if err != nil {
		return 0, fmt.Errorf("expunge: %w", err)
	}
	return tx.remove(id, rows)
}

// remove deletes entries without a thought for their messages.
func (tx *Tx) remove(id MailboxID, rows []Entry) (ModSeq, error) {
	b, err := tx.Mailbox(id)
	if err != nil || len(rows) == 0 {
		return b.ModSeq, err
	}
	b.ModSeq++
	for i := range rows {
		b.count(&rows[i], -1)
	}
	for _, r := range runs(ascending(rows)) {
		if err := tx.removeRun(&b, r); err != nil {
			return 0, fmt.Errorf("remove UIDs %d to %d from %q: %w", r.First, r.Last, b.Name, err)
		}
	}
	tx.touch(&b)
	return b.ModSeq, nil
}

// removeRun deletes the entries of consecutive UIDs and remembers them as expunged.
func (tx *Tx) removeRun(b *Mailbox, r Range) error {
	n, err := tx.c.execCount("DELETE FROM entry WHERE mailbox = ? AND uid BETWEEN ? AND ?",
		int64(b.ID), int64(r.First), int64(r.Last))
	if err != nil {
		return err
	}
	if n != int64(r.Last-r.First)+1 {
		return fmt.Errorf("%w: only %d are there", ErrNotFound, n)
	}
	return tx.c.exec("INSERT INTO expunged (mailbox, modseq, first, last, at) VALUES (?, ?, ?, ?, ?)",
		int64(b.ID), int64(b.ModSeq), int64(r.First), int64(r.Last), tx.now)
}

// runs returns the ranges of consecutive UIDs of ascending entries.
func runs(entries []Entry) []Range {
	var list []Range
	for i := range entries {
		uid := entries[i].UID
		if n := len(list); n > 0 && list[n-1].Last+1 == uid {
			list[n-1].Last = uid
			continue
		}
		list = append(list, Range{uid, uid})
	}
	return list
}

const orphanInsert = `INSERT INTO orphan (message, mailbox, uid, since)
	SELECT message, mailbox, uid, ? FROM entry WHERE mailbox = ?`

// orphanRuns makes orphans of the messages of entries none of which is shared.
func (tx *Tx) orphanRuns(id MailboxID, rows []Entry) error {
	for _, r := range runs(rows) {
		err := tx.c.exec(orphanInsert+" AND uid BETWEEN ? AND ?", tx.now, int64(id), int64(r.First), int64(r.Last))
		if err != nil {
			return err
		}
	}
	return nil
}

// unshare takes one entry off each row's message; shared has the counts of those with more than one.
func (tx *Tx) unshare(id MailboxID, rows []Entry, shared map[MessageID]int64) error {
	left := make(map[MessageID]int64, len(rows)) // entries that a message keeps
	for i := range rows {
		msg := rows[i].Message
		n, known := left[msg]
		if !known {
			n = max(shared[msg], 1)
		}
		left[msg] = n - 1
	}
	for i := range rows {
		msg := rows[i].Message
		n, pending := left[msg]
		if !pending {
			continue // settled by another row of the same message
		}
		delete(left, msg)
		if err := tx.settle(id, &rows[i], n, shared[msg] > 1); err != nil {
			return err
		}
	}
	return nil
}

// settle notes that the message of a row keeps n entries; listed says whether shared has it.
func (tx *Tx) settle(id MailboxID, e *Entry, n int64, listed bool) error {
	if n > 1 {
		return tx.c.exec("UPDATE shared SET entries = ? WHERE message = ?", n, int64(e.Message))
	}
	if listed {
		if err := tx.c.exec("DELETE FROM shared WHERE message = ?", int64(e.Message)); err != nil {
			return err
		}
	}
	if n == 1 {
		return nil
	}
	return tx.c.exec("INSERT INTO orphan (message, mailbox, uid, since) VALUES (?, ?, ?, ?)",
		int64(e.Message), int64(id), int64(e.UID), tx.now)
}

// orphanMailbox does for all entries of a mailbox what Expunge does for some, before they are deleted.
func (tx *Tx) orphanMailbox(id MailboxID) error {
	err := tx.c.exec(orphanInsert+" AND message NOT IN (SELECT message FROM shared)", tx.now, int64(id))
	if err != nil {
		return err
	}
	var rows []Entry
	err = tx.c.query(`SELECT e.uid, e.message FROM entry e JOIN shared s ON s.message = e.message
		WHERE e.mailbox = ? ORDER BY e.uid`, func(r row) error {
		rows = append(rows, Entry{UID: UID(r.int(0)), Message: MessageID(r.int(1))})
		return nil
	}, int64(id))
	if err != nil || len(rows) == 0 {
		return err
	}
	shared, err := tx.among("SELECT message, entries FROM shared WHERE message ", rows)
	if err != nil {
		return err
	}
	return tx.unshare(id, rows, shared)
}
