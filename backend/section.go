package backend

import (
	"fmt"
	"io"

	"satchel/backend/message"
)

// SectionOf names a section of a message in one of an account's mailboxes, or a
// range of its bytes.
type SectionOf struct {
	Mailbox     string
	UIDValidity uint32 // that the mailbox must have; 0: any
	UID         UID
	Section     message.Section
	Offset      int64
	Count       int64 // 0: to the end
	Limit       int64 // more bytes are ErrTooBig

	// Headers is how many bytes of headers may be looked through for the fields that
	// Section names, more being ErrLimit; CopySection takes off what it looked through.
	Headers *int64
}

// copyBytes is how much of a section is in memory at once.
const copyBytes = 256 << 10

// CopySection writes the bytes of a section as FETCH gives them, and sets no flag.
// ErrNotFound when there is no such mailbox, message or part.
func (a *Account) CopySection(w io.Writer, of SectionOf) error {
	id, size, err := a.locate(&of)
	if err == nil {
		err = a.copySection(w, &of, id, size)
	}
	if err != nil {
		return fmt.Errorf("copy from message %d of %q: %w", of.UID, of.Mailbox, err)
	}
	return nil
}

// locate finds the message.
func (a *Account) locate(of *SectionOf) (id MessageID, size int64, err error) {
	m, err := a.mailbox(of.Mailbox)
	if err != nil {
		return 0, 0, err
	}
	if st := m.status(); of.UIDValidity != 0 && of.UIDValidity != st.UIDValidity {
		return 0, 0, ErrNotFound
	}
	e, err := a.mail.Entry(m.id, of.UID)
	return e.Message, int64(e.Size), err
}

func (a *Account) copySection(w io.Writer, of *SectionOf, id MessageID, size int64) error {
	if of.Section.Kind == message.Whole && len(of.Section.Path) == 0 {
		return a.copyRange(w, of, id, 0, size)
	}
	stored, err := a.mail.Messages([]MessageID{id}, ColParts, nil)
	if err != nil {
		return err
	}
	if stored[0].ID == 0 {
		return ErrNotFound
	}
	root, err := message.DecodeParts(stored[0].Parts)
	if err != nil {
		return fmt.Errorf("%w: parts of message %d", ErrCorrupt, id)
	}
	from, to, ok := root.Locate(of.Section)
	if !ok {
		return ErrNotFound
	}
	if kind := of.Section.Kind; kind == message.HeaderFields || kind == message.HeaderFieldsNot {
		return a.copyFields(w, of, id, from, to)
	}
	return a.copyRange(w, of, id, from, to)
}

// cut applies the range asked for to a section of n bytes.
func (of *SectionOf) cut(n int64) (from, to int64, err error) {
	from, to = min(of.Offset, n), n
	if of.Count > 0 {
		to = min(from+of.Count, n)
	}
	if to-from > of.Limit {
		err = ErrTooBig
	}
	return from, to, err
}

// copyRange writes the bytes [from, to) of a message, of them those asked for.
func (a *Account) copyRange(w io.Writer, of *SectionOf, id MessageID, from, to int64) error {
	first, last, err := of.cut(to - from)
	if err != nil {
		return err
	}
	var b []byte
	for at, end := from+first, from+last; at < end; at += int64(len(b)) {
		if b, err = a.mail.AppendBytes(b[:0], id, at, min(at+copyBytes, end)); err != nil {
			return err
		}
		if len(b) == 0 {
			return ErrNotFound
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// copyFields writes the header fields that a section names.
func (a *Account) copyFields(w io.Writer, of *SectionOf, id MessageID, from, to int64) error {
	if *of.Headers -= to - from; *of.Headers < 0 {
		return ErrLimit
	}
	header, err := a.mail.AppendBytes(nil, id, from, to)
	if err != nil {
		return err
	}
	fields := message.AppendHeaderFields(nil, header, of.Section.Fields, of.Section.Kind == message.HeaderFieldsNot)
	first, last, err := of.cut(int64(len(fields)))
	if err == nil {
		_, err = w.Write(fields[first:last])
	}
	return err
}
