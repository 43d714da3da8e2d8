package backend

import (
	"bufio"
	"errors"
	"fmt"
	"time"

	"satchel/backend/message"
	"satchel/storage"
)

// Incoming is a message on its way into a mailbox.
type Incoming struct {
	Flags    Flags
	Keywords []string
	Date     time.Time // INTERNALDATE; zero means now, of an import when it was sent if that is known
	Body     *Spool
	// Binary says that the client sent a literal8 (RFC 3516, 4.4).
	Binary bool

	// UID is the one that it had where its Batch is from: kept as AdoptUIDs says. 0
	// takes the next.
	UID UID
	// ImportKey names the message within its mailbox for ever: a second one of
	// the same key is not stored again. nil for all but imports.
	ImportKey []byte
	// ImportState is what SourceState says of it, for a message of an Upstream.
	ImportState int64
}

// arrived is the INTERNALDATE of a message. Of an import that brings no date it is when the message was sent, for years of
// mail must not look like mail of today.
func (in *Incoming) arrived(n *storage.NewMessage, now time.Time) int64 {
	switch {
	case !in.Date.IsZero():
		return in.Date.Unix()
	case in.ImportKey != nil && n.HasSent && n.Sent > 0 && n.Sent <= now.Unix():
		return n.Sent
	}
	return now.Unix()
}

// Append stores messages at the end of a mailbox, all or none. When it returns
// they are on disk and every session of the mailbox has been woken. Their spools are
// closed.
func (a *Account) Append(mailbox string, msgs ...*Incoming) (uidvalidity uint32, uids []UID, err error) {
	var b Batch
	defer b.Close()
	for _, in := range msgs {
		b.Add(in)
	}
	uids, err = a.AppendBatch(mailbox, &b)
	if err != nil {
		return 0, nil, err
	}
	st, err := a.Status(mailbox)
	return st.UIDValidity, uids, err
}

// AppendBatch is Append for a batch. The UID of a message whose ImportKey was
// there already is 0.
func (a *Account) AppendBatch(mailbox string, b *Batch) ([]UID, error) {
	if err := b.prepare(); err != nil {
		return nil, fmt.Errorf("append to %q: %w", mailbox, err)
	}
	return a.appendPrepared(mailbox, &change{}, b.From, b.each)
}

// appendPrepared has a change store messages in a mailbox.
func (a *Account) appendPrepared(mailbox string, c *change, from Numbering, each eachPrepared) (uids []UID, err error) {
	m, err := a.mailbox(mailbox)
	if err != nil {
		return nil, fmt.Errorf("append to %q: %w", mailbox, err)
	}
	var added []storage.Entry
	c.run = func(tx *storage.Tx) (err error) {
		added, uids, err = m.append(tx, from, each)
		return err
	}
	c.apply = func() { m.added(added) }
	if err = a.write(c); err != nil {
		return nil, fmt.Errorf("append to %q: %w", mailbox, err)
	}
	return uids, nil
}

// parse does the first half of what needs no turn of the writer; to compress the
// message is the other. The message holds as long as its spool.
func parse(in *Incoming) (*storage.NewMessage, error) {
	raw, err := in.Body.Bytes()
	if err != nil {
		return nil, err
	}
	p := message.Parse(raw)
	if in.Binary {
		if raw, p, err = textual(in, raw, p); err != nil {
			return nil, err
		}
	}
	n, err := storage.NewBody(raw[:p.Root.Body], raw[p.Root.Body:])
	if err != nil {
		return nil, err
	}
	n.Envelope, n.Structure, n.HeadText = p.Envelope, p.Structure, p.HeadText
	preview := message.Preview(raw, &p.Root)
	n.Preview = &preview
	n.Parts, n.SortKeys = p.Root.AppendBinary(nil), p.SortKeys
	n.Sent, n.SentZone, n.HasSent = p.Sent, p.SentZone, p.HasSent
	return n, nil
}

// textual gives a message that came as a literal8 the form that every client can
// fetch: binary parts with a NUL in base64.
func textual(in *Incoming, raw []byte, p *message.Message) ([]byte, *message.Message, error) {
	parts := message.BinaryParts(raw, &p.Root)
	if len(parts) == 0 {
		return raw, p, nil
	}
	text := in.Body.room.spool(in.Body.limit)
	w := bufio.NewWriterSize(text, 32<<10)
	err := message.WriteText(w, raw, parts)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		raw, err = text.Bytes()
	}
	if err != nil {
		text.Close()
		return nil, nil, err
	}
	in.Body.Close()
	in.Body = text
	return raw, message.Parse(raw), nil
}

// eachPrepared calls store for messages that are prepared, in order. What it gives
// it is store's until that returns.
type eachPrepared func(store func(in *Incoming, n *storage.NewMessage) error) error

// append writes prepared messages, with the UIDs that they bring if these are of the
// mailbox's own numbering.
func (m *mailbox) append(tx *storage.Tx, from Numbering, each eachPrepared) (added []storage.Entry, uids []UID, err error) {
	adopted, err := tx.HasAdopted(m.id, from)
	if err != nil {
		return nil, nil, err
	}
	err = each(func(in *Incoming, n *storage.NewMessage) (err error) {
		if n.Keywords, err = adoptKeywords(tx, m.id, in.Keywords); err != nil {
			return err
		}
		n.Date, n.Flags = in.arrived(n, time.Now()), in.Flags
		n.ImportKey, n.ImportState = in.ImportKey, in.ImportState
		if n.UID = 0; adopted {
			n.UID = in.UID
		}
		e, err := tx.Append(m.id, n)
		if errors.Is(err, ErrExists) {
			uids = append(uids, 0)
			return nil
		}
		if err == nil {
			added, uids = append(added, e), append(uids, e.UID)
		}
		return err
	})
	return added, uids, err
}
