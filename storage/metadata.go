package storage

import "fmt"

// Annotation is the name of an entry of RFC 5464 and how large its value is.
type Annotation struct {
	Mailbox MailboxID // 0 for the server's
	Entry   string
	Size    int // bytes
}

// Annotations returns the names of all entries, in the order of mailboxes and names.
func (m *Mail) Annotations() (list []Annotation, err error) {
	err = m.readNow(func(c *conn) error {
		return c.query("SELECT mailbox, entry, length(value) FROM metadata ORDER BY mailbox, entry", func(r row) error {
			list = append(list, Annotation{MailboxID(r.int(0)), r.text(1), int(r.int(2))})
			return nil
		})
	})
	return list, err
}

// Annotation returns the value of an entry. ErrNotFound when there is none.
func (m *Mail) Annotation(id MailboxID, entry string) (value []byte, err error) {
	err = m.readNow(func(c *conn) error {
		return c.queryRow("SELECT value FROM metadata WHERE mailbox = ? AND entry = ?",
			func(r row) { value = r.blob(0) }, int64(id), entry)
	})
	if err != nil {
		return nil, fmt.Errorf("annotation %q of mailbox %d: %w", entry, id, err)
	}
	return value, nil
}

// Annotate sets the value of an entry, of a mailbox or of the server (0); nil removes it.
func (tx *Tx) Annotate(id MailboxID, entry string, value []byte) error {
	if err := tx.usable(); err != nil {
		return err
	}
	err := tx.annotate(id, entry, value)
	if err != nil {
		return fmt.Errorf("annotate mailbox %d: %w", id, err)
	}
	return nil
}

func (tx *Tx) annotate(id MailboxID, entry string, value []byte) error {
	if value == nil {
		return tx.c.exec("DELETE FROM metadata WHERE mailbox = ? AND entry = ?", int64(id), entry)
	}
	return tx.c.exec("INSERT OR REPLACE INTO metadata (mailbox, entry, value) VALUES (?, ?, ?)", int64(id), entry, value)
}

// CopyAnnotations gives a mailbox that has none all of another's.
func (tx *Tx) CopyAnnotations(from, to MailboxID) error {
	if err := tx.usable(); err != nil {
		return err
	}
	return tx.c.exec("INSERT INTO metadata (mailbox, entry, value) SELECT ?, entry, value FROM metadata WHERE mailbox = ?",
		int64(to), int64(from))
}
