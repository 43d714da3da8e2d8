package storage

import "fmt"

// Orphan is a message that was expunged, with what its last entry had.
type Orphan struct {
	Message  MessageID
	Mailbox  MailboxID // where the entry was; that may be gone
	UID      UID       // of the entry
	Since    int64     // when it was expunged, Unix seconds
	Cause    Cause
	Flags    Flags // without \Deleted
	Size     uint32
	Date     int64  // INTERNALDATE, Unix seconds
	Keywords string // sorted, separated by spaces
}

// Cause says how a message lost its last entry. The numbers are stored: they never change.
type Cause uint8

// The causes.
const (
	ByExpunge  Cause = iota
	ByReplace        // another message was put in its place (RFC 8508)
	ByDeletion       // its mailbox was deleted
)

const orphanColumns = "message, mailbox, uid, since, cause, flags, size, date, keywords"

func scanOrphan(r row) Orphan {
	return Orphan{
		Message: MessageID(r.int(0)), Mailbox: MailboxID(r.int(1)), UID: UID(r.int(2)), Since: r.int(3), Cause: Cause(r.int(4)),
		Flags: Flags(r.int(5)), Size: uint32(r.int(6)), Date: r.int(7), Keywords: r.text(8),
	}
}

// Orphans calls each for every message that was expunged at a time, in Unix seconds, or later: in the order of these
// times, and of the messages. The Orphan is each's until it returns.
func (m *Mail) Orphans(since int64, each func(*Orphan) error) error {
	var o Orphan
	err := m.read(func(c *conn) error {
		return c.query("SELECT "+orphanColumns+" FROM orphan WHERE since >= ? ORDER BY since, message", func(r row) error {
			o = scanOrphan(r)
			return each(&o)
		}, since)
	})
	if err != nil {
		return fmt.Errorf("list expunged messages: %w", err)
	}
	return nil
}

// OrphansOf returns what is kept of expunged messages, in the order of ids; one with Message 0 stands for a message that
// is none.
func (m *Mail) OrphansOf(ids []MessageID) (list []Orphan, err error) {
	err = m.read(func(c *conn) error { list, err = orphansOf(c, ids); return err })
	return list, err
}

// OrphansOf is Mail's as the transaction sees it.
func (tx *Tx) OrphansOf(ids []MessageID) ([]Orphan, error) {
	if err := tx.usable(); err != nil {
		return nil, err
	}
	return orphansOf(tx.c, ids)
}

func orphansOf(c *conn, ids []MessageID) ([]Orphan, error) {
	list := make([]Orphan, len(ids))
	if len(ids) == 0 {
		return list, nil
	}
	err := byID(c, "SELECT "+orphanColumns+" FROM orphan WHERE message ", ids, func(r row, i int) error {
		list[i] = scanOrphan(r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read expunged messages: %w", err)
	}
	return list, nil
}

// OrphanTotal is how many messages are expunged and kept, and their bytes.
func (m *Mail) OrphanTotal() (n int, bytes int64, err error) {
	err = m.read(func(c *conn) error {
		return c.queryRow("SELECT count(*), sum(size) FROM orphan", func(r row) { n, bytes = int(r.int(0)), r.int(1) })
	})
	return n, bytes, err
}

// FormerMailbox is what is kept of a mailbox that was deleted, as long as messages of it can be brought back.
type FormerMailbox struct {
	Name       string // its last one
	SpecialUse string
	Subscribed bool
}

// FormerMailboxes are the mailboxes that are gone and of which messages are kept.
func (m *Mail) FormerMailboxes() (map[MailboxID]FormerMailbox, error) {
	all := make(map[MailboxID]FormerMailbox)
	err := m.read(func(c *conn) error {
		return c.query("SELECT mailbox, name, special_use, subscribed FROM former", func(r row) error {
			all[MailboxID(r.int(0))] = FormerMailbox{r.text(1), r.text(2), r.int(3) != 0}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list former mailboxes: %w", err)
	}
	return all, nil
}

// keepFormer notes what a mailbox was called that is about to be deleted, if expunged messages of it are kept.
func (tx *Tx) keepFormer(b *Mailbox) error {
	return tx.c.exec(`INSERT INTO former (mailbox, name, special_use, subscribed)
		SELECT ?, ?, ?, EXISTS (SELECT 1 FROM subscription WHERE name = ?)
		WHERE EXISTS (SELECT 1 FROM orphan WHERE mailbox = ?)`, int64(b.ID), b.Name, b.SpecialUse, b.Name, int64(b.ID))
}

// ForgetFormer drops what is known of deleted mailboxes of which no message is kept any more.
func (tx *Tx) ForgetFormer() error {
	return tx.c.exec("DELETE FROM former WHERE mailbox NOT IN (SELECT mailbox FROM orphan)")
}
