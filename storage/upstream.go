package storage

import (
	"encoding/binary"
	"fmt"
)

// Upstream is a folder of another server that a mailbox has messages of.
type Upstream struct {
	ID          int64  // 0 for one that is not stored yet
	Name        string // server, user and folder
	Mailbox     MailboxID
	UIDValidity uint32
	ModSeq      uint64 // changes up to here were brought over; 0 when it has none
}

// UpstreamMessage is a message of an upstream that its mailbox has had.
type UpstreamMessage struct {
	Source UID // there
	UID    UID // here; 0 when it has been expunged
	State  int64
}

// upstreamKeySize is the length of an upstream's keys. They begin with a NUL, as no file's name does.
const upstreamKeySize = 1 + 8 + 4 + 4

// Key is the ImportKey of a message that has a UID in the upstream. Keys of one UIDVALIDITY are in the order of UIDs.
func (u *Upstream) Key(uid UID) []byte {
	k := binary.BigEndian.AppendUint64(make([]byte, 1, upstreamKeySize), uint64(u.ID))
	k = binary.BigEndian.AppendUint32(k, u.UIDValidity)
	return binary.BigEndian.AppendUint32(k, uint32(uid))
}

// Upstreams returns all upstreams in the order of names.
func (m *Mail) Upstreams() (list []Upstream, err error) {
	err = m.readNow(func(c *conn) error {
		return c.query("SELECT id, name, mailbox, uidvalidity, modseq FROM upstream ORDER BY name", func(r row) error {
			list = append(list, Upstream{r.int(0), r.text(1), MailboxID(r.int(2)), uint32(r.int(3)), uint64(r.int(4))})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read upstreams: %w", err)
	}
	return list, nil
}

// SetUpstream stores an upstream: a new one gets its ID. ErrExists when another one has the name.
func (tx *Tx) SetUpstream(u *Upstream) error {
	if err := tx.usable(); err != nil {
		return err
	}
	other, err := tx.c.queryInt("SELECT coalesce(max(id), 0) FROM upstream WHERE name = ?", u.Name)
	switch {
	case err == nil && other != 0 && other != u.ID:
		err = ErrExists
	case err == nil && u.ID == 0:
		u.ID, err = tx.c.queryInt("INSERT INTO upstream (name, mailbox, uidvalidity, modseq) VALUES (?, ?, ?, ?) RETURNING id",
			u.Name, int64(u.Mailbox), int64(u.UIDValidity), int64(u.ModSeq))
	case err == nil:
		err = tx.c.exec("UPDATE upstream SET name = ?, mailbox = ?, uidvalidity = ?, modseq = ? WHERE id = ?",
			u.Name, int64(u.Mailbox), int64(u.UIDValidity), int64(u.ModSeq), u.ID)
	}
	if err != nil {
		return fmt.Errorf("upstream %q: %w", u.Name, err)
	}
	return nil
}

// UpstreamMessages appends to into the messages that the mailbox has had of an upstream's present UIDVALIDITY, at most n with
// UIDs above after, in their order.
func (m *Mail) UpstreamMessages(u *Upstream, after UID, n int, into []UpstreamMessage) ([]UpstreamMessage, error) {
	err := m.read(func(c *conn) error {
		return c.query(`SELECT i.key, coalesce(e.uid, 0), i.state FROM imported i
			LEFT JOIN entry e ON e.mailbox = i.mailbox AND e.uid = i.uid
			WHERE i.mailbox = ? AND i.key > ? AND i.key <= ? ORDER BY i.key LIMIT ?`, func(r row) error {
			key := r.blob(0)
			if len(key) == upstreamKeySize {
				source := UID(binary.BigEndian.Uint32(key[upstreamKeySize-4:]))
				into = append(into, UpstreamMessage{source, UID(r.int(1)), r.int(2)})
			}
			return nil
		}, int64(u.Mailbox), u.Key(after), u.Key(^UID(0)), int64(n))
	})
	if err != nil {
		return nil, fmt.Errorf("messages of upstream %q: %w", u.Name, err)
	}
	return into, nil
}

// NoteUpstreamState notes the state that a message of an upstream has there now. One that is not known is left out.
func (tx *Tx) NoteUpstreamState(u *Upstream, source UID, state int64) error {
	if err := tx.usable(); err != nil {
		return err
	}
	return tx.c.exec("UPDATE imported SET state = ? WHERE mailbox = ? AND key = ?", state, int64(u.Mailbox), u.Key(source))
}

// ClaimUpstreamMessage notes that a message of an upstream is one that the mailbox has already. ErrExists when the upstream's
// message is known.
func (tx *Tx) ClaimUpstreamMessage(u *Upstream, m UpstreamMessage) error {
	if err := tx.usable(); err != nil {
		return err
	}
	_, err := tx.claimKey(u.Mailbox, u.Key(m.Source), m.UID, m.State)
	return err
}
