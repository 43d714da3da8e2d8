package storage

import "fmt"

const orphanInsert = "INSERT INTO orphan (" + orphanColumns + ", served) "

// orphanSelect makes orphans of the messages of a mailbox's entries.
const orphanSelect = orphanInsert + `SELECT message, mailbox, uid, ?, ?, flags & ~8, size, date, keywords, ?
	FROM entry WHERE mailbox = ?`

// denseRun is how long runs of UIDs must be for SQLite to copy them faster than it takes rows from here.
const denseRun = 8

// orphanRuns makes orphans of the messages of entries none of which is shared.
func (tx *Tx) orphanRuns(id MailboxID, list []Range, by Cause) error {
	for _, r := range list {
		err := tx.c.exec(orphanSelect+" AND uid BETWEEN ? AND ?", tx.now, int64(by), tx.m.served.Load(), int64(id), int64(r.First), int64(r.Last))
		if err != nil {
			return err
		}
	}
	return nil
}

// insertOrphans makes orphans of the messages of entries, each of which is of another message.
func (tx *Tx) insertOrphans(id MailboxID, rows []Entry, by Cause) error {
	const columns = 10
	return tx.c.insertMany(orphanInsert+"VALUES ", "(?,?,?,?,?,?,?,?,?,?)", "", len(rows), columns, func(i int, r row) {
		e := &rows[i]
		r[0], r[1], r[2], r[3], r[4] = int64(e.Message), int64(id), int64(e.UID), tx.now, int64(by)
		r[5], r[6], r[7], r[8], r[9] = int64(e.Flags&^FlagDeleted), int64(e.Size), e.Date, nil, tx.m.served.Load()
		if e.Keywords != "" {
			r[8] = e.Keywords
		}
	})
}

// orphanMailbox does for all entries of a mailbox what Expunge does for some, before they are deleted.
func (tx *Tx) orphanMailbox(id MailboxID) error {
	err := tx.c.exec(orphanSelect+" AND message NOT IN (SELECT message FROM shared)", tx.now, int64(ByDeletion), tx.m.served.Load(), int64(id))
	if err != nil {
		return err
	}
	var rows []Entry
	err = tx.c.query(`SELECT e.uid, e.message, e.flags, e.modseq, e.size, e.date, e.saved, e.keywords FROM entry e
		JOIN shared s ON s.message = e.message WHERE e.mailbox = ? ORDER BY e.uid`, func(r row) error {
		rows = append(rows, scanEntry(r))
		return nil
	}, int64(id))
	if err != nil || len(rows) == 0 {
		return err
	}
	shared, err := tx.among("SELECT message, entries FROM shared WHERE message ", rows)
	if err != nil {
		return err
	}
	return tx.unshare(id, rows, shared, ByDeletion)
}

// Restore makes entries of expunged messages, as Copy does: with new UIDs and one new mod-sequence; flags, keywords, size
// and date are those of rows. ErrNotFound when one of the messages is not an expunged one.
func (tx *Tx) Restore(dst MailboxID, rows []Entry) ([]Entry, error) {
	b, err := tx.Mailbox(dst)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	for i := range rows {
		n, err := tx.c.execCount("DELETE FROM orphan WHERE message = ?", int64(rows[i].Message))
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return nil, fmt.Errorf("restore message %d: %w", rows[i].Message, err)
		}
	}
	added, err := tx.renumber(&b, rows)
	if err == nil {
		err = tx.addEntries(&b, added)
	}
	if err != nil {
		return nil, fmt.Errorf("restore to %q: %w", b.Name, err)
	}
	return added, nil
}
