package storage

import "fmt"

// Copy adds entries for the same messages to a mailbox, in the order of rows, with new UIDs and one new mod-sequence;
// flags, keywords, size and date are those of rows. No bytes are copied. The rows must be entries that exist.
func (tx *Tx) Copy(dst MailboxID, rows []Entry) ([]Entry, error) {
	b, err := tx.Mailbox(dst)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	added, err := tx.renumber(&b, rows)
	if err != nil {
		return nil, err
	}
	if err := tx.share(rows); err != nil {
		return nil, fmt.Errorf("copy to %q: %w", b.Name, err)
	}
	if err := tx.addEntries(&b, added); err != nil {
		return nil, fmt.Errorf("copy to %q: %w", b.Name, err)
	}
	return added, nil
}

// Move takes entries out of src and adds them to dst, in the order of rows, with new UIDs and one new mod-sequence in
// each; removed is the one in src. Flags, keywords, size and date are those of rows. ErrNotFound when src does not have
// all of them.
func (tx *Tx) Move(src, dst MailboxID, rows []Entry) (added []Entry, removed ModSeq, err error) {
	if removed, err = tx.remove(src, rows); err != nil || len(rows) == 0 {
		return nil, removed, err
	}
	b, err := tx.Mailbox(dst)
	if err != nil {
		return nil, 0, err
	}
	if added, err = tx.renumber(&b, rows); err != nil {
		return nil, 0, err
	}
	if err := tx.addEntries(&b, added); err != nil {
		return nil, 0, fmt.Errorf("move to %q: %w", b.Name, err)
	}
	return added, removed, nil
}

// renumber returns the rows as new entries of b.
func (tx *Tx) renumber(b *Mailbox, rows []Entry) ([]Entry, error) {
	first, err := b.takeUIDs(0, len(rows))
	if err != nil {
		return nil, err
	}
	b.ModSeq++
	added := make([]Entry, len(rows))
	for i, e := range rows {
		e.UID, e.ModSeq, e.Saved = first+UID(i), b.ModSeq, tx.now
		added[i] = e
	}
	return added, nil
}

// share counts one more entry for the message of each row.
func (tx *Tx) share(rows []Entry) error {
	orphans, err := tx.among("SELECT message, 0 FROM orphan WHERE message ", rows)
	if err != nil {
		return err
	}
	if len(orphans) > 0 {
		if rows, err = tx.adopt(rows, orphans); err != nil {
			return err
		}
	}
	return tx.c.insertMany("INSERT INTO shared (message, entries) VALUES ", "(?,2)",
		" ON CONFLICT DO UPDATE SET entries = entries + 1", len(rows), 1,
		func(i int, r row) { r[0] = int64(rows[i].Message) })
}

// adopt keeps orphans from being erased and returns the rows that remain to be counted. Entries of expunged messages
// can come here only by a caller's mistake, but the mistake would cost the message's bytes.
func (tx *Tx) adopt(rows []Entry, orphans map[MessageID]int64) ([]Entry, error) {
	var rest []Entry
	for _, e := range rows {
		if _, orphan := orphans[e.Message]; !orphan {
			rest = append(rest, e)
			continue
		}
		delete(orphans, e.Message)
		if err := tx.c.exec("DELETE FROM orphan WHERE message = ?", int64(e.Message)); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// among runs a query for (message, number) that ends in "WHERE message " and returns what it finds of the rows'
// messages, by one range where they are dense. It may find others as well.
func (tx *Tx) among(text string, rows []Entry) (map[MessageID]int64, error) {
	found := make(map[MessageID]int64)
	first, last := rows[0].Message, rows[0].Message
	for i := range rows {
		first, last = min(first, rows[i].Message), max(last, rows[i].Message)
	}
	collect := func(r row) error { found[MessageID(r.int(0))] = r.int(1); return nil }
	if last-first < MessageID(4*len(rows)) {
		return found, tx.c.query(text+"BETWEEN ? AND ?", collect, int64(first), int64(last))
	}
	err := tx.c.query(text+"BETWEEN ? AND ? LIMIT 1", collect, int64(first), int64(last))
	if err != nil || len(found) == 0 {
		return found, err
	}
	for i := range rows {
		if err := tx.c.query(text+"= ?", collect, int64(rows[i].Message)); err != nil {
			return nil, err
		}
	}
	return found, nil
}
