package storage

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Entry is a message's appearance in a mailbox.
type Entry struct {
	UID      UID
	Message  MessageID
	Flags    Flags
	Keywords string // sorted, separated by spaces
	ModSeq   ModSeq // of the last change of flags or keywords
	Size     uint32 // RFC822.SIZE, bytes
	Date     int64  // INTERNALDATE, Unix seconds
	Saved    int64  // RFC 8514 SAVEDATE, Unix seconds
}

// Entries calls each for every entry of a mailbox in the order of UIDs. The Entry is each's until it returns. A mailbox
// that is not there has none.
func (m *Mail) Entries(id MailboxID, each func(*Entry) error) error {
	var e Entry
	return m.read(func(c *conn) error {
		return c.query(`SELECT uid, message, flags, modseq, size, date, saved, keywords FROM entry
			WHERE mailbox = ? ORDER BY uid`, func(r row) error {
			e = scanEntry(r)
			return each(&e)
		}, int64(id))
	})
}

// SaveDates puts the times of saving of entries, given by ascending UIDs, into dates, in the same order. Those of UIDs that
// are not there stay as they are. Meant for a few hundred UIDs a call.
func (m *Mail) SaveDates(id MailboxID, uids []UID, dates []int64) error {
	if len(uids) == 0 {
		return nil
	}
	return m.read(func(c *conn) error {
		return byID(c, "SELECT uid, saved FROM entry WHERE mailbox = ? AND uid ", uids, func(r row, i int) error {
			dates[i] = r.int(1)
			return nil
		}, int64(id))
	})
}

// Entry returns the entry of a UID. ErrNotFound when there is none.
func (m *Mail) Entry(id MailboxID, uid UID) (e Entry, err error) {
	err = m.read(func(c *conn) error {
		return c.queryRow(`SELECT uid, message, flags, modseq, size, date, saved, keywords FROM entry
			WHERE mailbox = ? AND uid = ?`, func(r row) { e = scanEntry(r) }, int64(id), int64(uid))
	})
	return e, err
}

func scanEntry(r row) Entry {
	return Entry{
		UID:      UID(r.int(0)),
		Message:  MessageID(r.int(1)),
		Flags:    Flags(r.int(2)),
		ModSeq:   ModSeq(r.int(3)),
		Size:     uint32(r.int(4)),
		Date:     r.int(5),
		Saved:    r.int(6),
		Keywords: r.text(7),
	}
}

// Append stores a message in a mailbox. Its UID and mod-sequence are new ones, or m.UID when that is reserved for it and
// not below the mailbox's UIDNext. When the mailbox has had the ImportKey before, nothing is stored: ErrExists with the UID of then.
func (tx *Tx) Append(id MailboxID, m *NewMessage) (Entry, error) {
	b, err := tx.Mailbox(id)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Flags: m.Flags, Keywords: m.Keywords, Size: m.Size, Date: m.Date, Saved: tx.now}
	if e.UID, err = b.takeUIDs(m.UID, 1); err != nil {
		return Entry{}, err
	}
	if m.ImportKey != nil {
		if uid, err := tx.claimKey(id, m.ImportKey, e.UID, m.ImportState); err != nil {
			return Entry{UID: uid}, err
		}
	}
	b.ModSeq++
	e.ModSeq = b.ModSeq
	if e.Message, err = tx.storeMessage(m); err == nil {
		err = tx.addEntries(&b, []Entry{e})
	}
	if errors.Is(err, ErrExists) { // of a row that is new: to the caller it would mean that the ImportKey is known
		err = fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("append to %q: %w", b.Name, err)
	}
	return e, nil
}

// takeUIDs returns the first of n new UIDs: wanted where that can be kept, else one that is not reserved.
func (b *Mailbox) takeUIDs(wanted UID, n int) (UID, error) {
	first := wanted
	if wanted < b.UIDNext || wanted >= b.Reserved {
		first = max(b.UIDNext, b.Reserved)
	}
	if uint64(first)+uint64(n) > math.MaxUint32 {
		return 0, fmt.Errorf("mailbox %q: UIDs: %w", b.Name, ErrFull)
	}
	b.UIDNext = first + UID(n)
	return first, nil
}

// claimKey notes the UID of an imported message. ErrExists with the UID that has the key already.
func (tx *Tx) claimKey(id MailboxID, key []byte, uid UID, state int64) (UID, error) {
	old, err := tx.c.queryInt("SELECT coalesce(max(uid), 0) FROM imported WHERE mailbox = ? AND key = ?", int64(id), key)
	if err != nil {
		return 0, err
	}
	if old != 0 {
		return UID(old), fmt.Errorf("imported message %w as UID %d", ErrExists, old)
	}
	return 0, tx.c.exec("INSERT INTO imported (mailbox, key, uid, state) VALUES (?, ?, ?, ?)", int64(id), key, int64(uid), state)
}

// addEntries inserts entries that belong to the mailbox, counts them, makes their keywords known and keeps the row.
func (tx *Tx) addEntries(b *Mailbox, entries []Entry) error {
	for i := range entries {
		b.count(&entries[i], 1)
	}
	tx.touch(b)
	if err := tx.insertEntries(b.ID, entries); err != nil {
		return err
	}
	return tx.noteKeywords(b.ID, entries)
}

// count adds an entry to the counters, or takes it off with n -1.
func (b *Mailbox) count(e *Entry, n int) {
	b.Messages += uint32(n)
	b.Size += int64(n) * int64(e.Size)
	if e.Flags&FlagSeen == 0 {
		b.Unseen += uint32(n)
	}
	if e.Flags&FlagDeleted != 0 {
		b.Deleted += uint32(n)
	}
}

// noteKeywords makes the entries' keywords known in the mailbox.
func (tx *Tx) noteKeywords(id MailboxID, entries []Entry) error {
	last := ""
	for i := range entries {
		if entries[i].Keywords == last {
			continue
		}
		last = entries[i].Keywords
		if err := tx.AddKeywords(id, strings.Fields(last)); err != nil {
			return err
		}
	}
	return nil
}

const entryInsert = "INSERT INTO entry (mailbox, uid, message, flags, modseq, size, date, saved, keywords) VALUES "

// insertEntries writes rows, many a statement as long as there are many.
func (tx *Tx) insertEntries(id MailboxID, entries []Entry) error {
	const columns = 9
	return tx.c.insertMany(entryInsert, "(?,?,?,?,?,?,?,?,?)", "", len(entries), columns, func(i int, r row) {
		e := &entries[i]
		r[0], r[1], r[2] = int64(id), int64(e.UID), int64(e.Message)
		r[3], r[4], r[5] = int64(e.Flags), int64(e.ModSeq), int64(e.Size)
		r[6], r[7], r[8] = e.Date, e.Saved, nil
		if e.Keywords != "" {
			r[8] = e.Keywords
		}
	})
}

// ascending returns the entries in the order of their UIDs, as they are when they are already.
func ascending(entries []Entry) []Entry {
	byUID := func(a, b Entry) int { return int(int64(a.UID) - int64(b.UID)) }
	if slices.IsSortedFunc(entries, byUID) {
		return entries
	}
	return slices.SortedFunc(slices.Values(entries), byUID)
}
