package storage

import "fmt"

// Expunge removes entries under one new mod-sequence, which it returns, and remembers their UIDs under it. Messages
// that lose their last entry stay readable, and can be restored with what the rows say of them, until they are erased.
// ErrNotFound when the mailbox does not have all of them.
func (tx *Tx) Expunge(id MailboxID, rows []Entry) (ModSeq, error) {
	return tx.expunge(id, rows, ByExpunge)
}

// ExpungeReplaced is Expunge for entries in whose place there are others now.
func (tx *Tx) ExpungeReplaced(id MailboxID, rows []Entry) (ModSeq, error) {
	return tx.expunge(id, rows, ByReplace)
}

func (tx *Tx) expunge(id MailboxID, rows []Entry, by Cause) (ModSeq, error) {
	if len(rows) == 0 {
		return tx.remove(id, rows)
	}
	shared, err := tx.among("SELECT message, entries FROM shared WHERE message ", rows)
	if err != nil {
		return 0, err
	}
	rows = ascending(rows)
	list := runs(rows)
	if len(shared) == 0 && len(rows) >= denseRun*len(list) {
		if err := tx.orphanRuns(id, list, by); err != nil {
			return 0, fmt.Errorf("expunge: %w", err)
		}
		return tx.remove(id, rows)
	}
	modseq, err := tx.remove(id, rows)
	if err == nil {
		err = tx.unshare(id, rows, shared, by)
	}
	if err != nil {
		return 0, fmt.Errorf("expunge: %w", err)
	}
	return modseq, nil
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

// unshare takes one entry off each row's message; shared has the counts of those with more than one.
func (tx *Tx) unshare(id MailboxID, rows []Entry, shared map[MessageID]int64, by Cause) error {
	left := make(map[MessageID]int64, len(rows)) // entries that a message keeps
	for i := range rows {
		msg := rows[i].Message
		n, known := left[msg]
		if !known {
			n = max(shared[msg], 1)
		}
		left[msg] = n - 1
	}
	var lost []Entry
	for i := range rows {
		msg := rows[i].Message
		n, pending := left[msg]
		if !pending {
			continue // settled by another row of the same message
		}
		delete(left, msg)
		if err := tx.settle(msg, n, shared[msg] > 1); err != nil {
			return err
		}
		if n == 0 {
			lost = append(lost, rows[i])
		}
	}
	return tx.insertOrphans(id, lost, by)
}

// settle notes that a message keeps n entries; listed says whether shared has it.
func (tx *Tx) settle(msg MessageID, n int64, listed bool) error {
	if n > 1 {
		return tx.c.exec("UPDATE shared SET entries = ? WHERE message = ?", n, int64(msg))
	}
	if listed {
		return tx.c.exec("DELETE FROM shared WHERE message = ?", int64(msg))
	}
	return nil
}
