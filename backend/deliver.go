package backend

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"satchel/backend/message"
	"satchel/storage"
)

// maxReceived is how many times a message may have been passed on: beyond that
// it goes round in circles (RFC 5321, 6.3).
const maxReceived = 100

// ErrLoop says that a message has been passed on too many times.
var ErrLoop = errors.New("the message goes in circles")

// Delivery is one message on its way to one or more addresses. It is parsed and
// compressed once. It belongs to one goroutine; close it when done.
type Delivery struct {
	backend  *Backend
	from     string
	trace    string
	prepared *Spool
	root     message.Part
	ready    *storage.NewMessage // what was prepared, without the lines that each recipient's copy begins with
}

// Receipt says where a message was put.
type Receipt struct {
	Account, Mailbox string
	UID              UID
}

// NewDelivery takes a message from the envelope sender from, "" for none. trace
// is the Received field to be put before it, a whole line with its CRLF, or "".
// The spool is not needed any more then. ErrLoop says that the message goes in circles.
func (b *Backend) NewDelivery(from, trace string, body *Spool) (*Delivery, error) {
	d := &Delivery{backend: b, from: from, trace: trace}
	err := d.prepare(body)
	if err == nil && countReceived(d.ready.Header) >= maxReceived {
		err = ErrLoop
	}
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("deliver: %w", err)
	}
	return d, nil
}

func (d *Delivery) prepare(body *Spool) (err error) {
	if d.prepared, err = prepareAll([]*Incoming{{Body: body}}, body.Size()+columnBytes); err != nil {
		return err
	}
	data, err := d.prepared.Bytes()
	if err != nil {
		return err
	}
	d.ready = new(storage.NewMessage)
	if _, err = d.ready.ReadPrepared(data); err == nil {
		d.root, err = message.DecodeParts(d.ready.Parts)
	}
	return err
}

// Close gives the memory back.
func (d *Delivery) Close() { d.prepared.Close() }

func countReceived(header []byte) (n int) {
	const name = "received:"
	for line := range bytes.Lines(header) {
		if len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			n++
		}
	}
	return n
}

// To delivers to an address: into the mailbox that its +detail names if there is
// one, otherwise into INBOX. The message is on disk when To returns. ErrNotFound
// when nobody has the address.
func (d *Delivery) To(address string) (_ Receipt, err error) {
	began := time.Now()
	defer func() { d.backend.meters.delivered(began, err) }()
	info, detail, err := d.backend.Resolve(address)
	if err != nil {
		return Receipt{}, fmt.Errorf("deliver to %q: %w", address, err)
	}
	a, err := d.backend.Account(info.ID, info.Name)
	if err != nil {
		return Receipt{Account: info.Name}, fmt.Errorf("deliver to %q: %w", address, err)
	}
	defer a.Release()
	r, err := d.put(a, a.mailboxFor(detail), address)
	if errors.Is(err, ErrNotFound) { // deleted or renamed at this moment
		r, err = d.put(a, "INBOX", address)
	}
	if errors.Is(err, ErrNotFound) { // never a reason to send mail for somebody back
		err = fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	return r, err
}

// Into delivers to a mailbox of an account.
func (d *Delivery) Into(a *Account, mailbox string) (_ Receipt, err error) {
	began := time.Now()
	defer func() { d.backend.meters.delivered(began, err) }()
	return d.put(a, mailbox, a.name)
}

func (d *Delivery) put(a *Account, mailbox, address string) (Receipt, error) {
	r := Receipt{Account: a.name, Mailbox: mailbox}
	n, err := d.copyFor(address)
	if err == nil {
		err = a.admit(int64(n.Size))
	}
	if err != nil {
		return r, fmt.Errorf("deliver to %q: %w", address, err)
	}
	uids, err := a.appendPrepared(mailbox, &change{delivery: true}, Numbering{}, func(store func(*Incoming, *storage.NewMessage) error) error {
		return store(&Incoming{}, n)
	})
	if err != nil {
		return r, fmt.Errorf("deliver to %q: %w", address, a.refusal(err))
	}
	r.UID = uids[0]
	return r, nil
}

// mailboxFor finds the mailbox that a +detail means. Addresses are the same in
// any case, and a "." in one may stand for a level.
func (a *Account) mailboxFor(detail string) string {
	if detail == "" {
		return "INBOX"
	}
	dots := func(name string) string { return strings.ToLower(strings.ReplaceAll(name, Delimiter, ".")) }
	for _, m := range a.List() {
		if m.Exists && dots(m.Name) == dots(detail) {
			return m.Name
		}
	}
	return "INBOX"
}

// copyFor is the message as one recipient gets it. Return-Path, Delivered-To and
// Received come first (RFC 5321, 4.4); none of them shows in the columns made of
// the header, so those are shared and only offsets move. ErrTooBig when
// they make it too large for the format.
func (d *Delivery) copyFor(address string) (*storage.NewMessage, error) {
	lines := fmt.Sprintf("Return-Path: <%s>\r\nDelivered-To: %s\r\n%s", oneLine(d.from), oneLine(address), d.trace)
	n := *d.ready
	if uint64(len(lines)) > uint64(math.MaxUint32-n.Size) {
		return nil, ErrTooBig
	}
	n.Header = append([]byte(lines), d.ready.Header...)
	n.Size += uint32(len(lines))
	root := d.root
	root.Body += int64(len(lines))
	root.End += int64(len(lines))
	root.Children = shifted(root.Children, int64(len(lines)))
	n.Parts = root.AppendBinary(nil)
	return &n, nil
}

func shifted(parts []message.Part, by int64) []message.Part {
	moved := make([]message.Part, len(parts))
	for i, p := range parts {
		p.Header += by
		p.Body += by
		p.End += by
		p.Children = shifted(p.Children, by)
		moved[i] = p
	}
	return moved
}

// oneLine makes text safe to stand in a header field.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}
