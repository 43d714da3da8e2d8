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
	Date     time.Time // INTERNALDATE; zero means now
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

// Append stores messages at the end of a mailbox, all or none. When it returns
// they are on disk and every session of the mailbox has been woken.
func (a *Account) Append(mailbox string, msgs ...*Incoming) (uidvalidity uint32, uids []UID, err error) {
	var b Batch
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
func (a *Account) AppendBatch(mailbox string, b *Batch) (uids []UID, err error) {
	m, err := a.mailbox(mailbox)
	if err == nil {
		err = b.prepare()
	}
	if err != nil {
		return nil, fmt.Errorf("append to %q: %w", mailbox, err)
	}
	var added []storage.Entry
	err = a.write(&change{
		run: func(tx *storage.Tx) (err error) {
			added, uids, err = m.append(tx, b)
			return err
		},
		apply:    func() { m.added(added) },
		delivery: b.delivery,
	})
	if err != nil {
		return nil, fmt.Errorf("append to %q: %w", mailbox, err)
	}
	return uids, nil
}

// prepare does all that needs no turn of the writer: parsing and compressing.
func prepare(in *Incoming) (*storage.NewMessage, error) {
	raw, err := in.Body.Bytes()
	if err != nil {
		return nil, err
	}
	date := in.Date
	if date.IsZero() {
		date = time.Now()
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
	n.Date, n.Flags = date.Unix(), in.Flags
	n.Envelope, n.Structure, n.HeadText = p.Envelope, p.Structure, p.HeadText
	preview := message.Preview(raw, &p.Root)
	n.Preview = &preview
	n.Parts, n.SortKeys = p.Root.AppendBinary(nil), p.SortKeys
	n.Sent, n.SentZone, n.HasSent = p.Sent, p.SentZone, p.HasSent
	n.ImportKey, n.ImportState = in.ImportKey, in.ImportState
	return n, nil
}

// textual gives a message that came as a literal8 the form that every client can
// fetch: binary parts with a NUL in base64.
func textual(in *Incoming, raw []byte, p *message.Message) ([]byte, *message.Message, error) {
	parts := message.BinaryParts(raw, &p.Root)
	if len(parts) == 0 {
		return raw, p, nil
	}
	text := &Spool{dir: in.Body.dir, limit: in.Body.limit}
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

// append writes prepared messages.
func (m *mailbox) append(tx *storage.Tx, b *Batch) (added []storage.Entry, uids []UID, err error) {
	adopted, err := tx.HasAdopted(m.id, b.From)
	if err != nil {
		return nil, nil, err
	}
	for _, it := range b.items {
		if err := it.wait(); err != nil {
			return nil, nil, err
		}
		if it.ready.UID = 0; adopted {
			it.ready.UID = it.in.UID
		}
		if it.ready.Keywords, err = adoptKeywords(tx, m.id, it.in.Keywords); err != nil {
			return nil, nil, err
		}
		e, err := tx.Append(m.id, it.ready)
		if errors.Is(err, ErrExists) {
			uids = append(uids, 0)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		added, uids = append(added, e), append(uids, e.UID)
	}
	return added, uids, nil
}
