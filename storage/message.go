package storage

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strings"
)

// NewMessage is a message to be stored. NewBody makes one with Size, Header and the bytes after it; the caller fills in
// the rest. Nil columns are stored as such.
type NewMessage struct {
	Size      uint32 // RFC822.SIZE, bytes
	Date      int64  // INTERNALDATE, Unix seconds
	Flags     Flags
	Keywords  string // sorted, separated by spaces
	Sent      int64  // the Date field, Unix seconds, when HasSent
	SentZone  int32  // its zone in minutes east of UTC
	HasSent   bool
	Envelope  []byte
	Structure []byte
	Parts     []byte
	HeadText  []byte
	Preview   *string // the beginning of its text, in UTF-8; nil: made when needed
	SortKeys  []byte  // what SORT and THREAD compare; nil: made when needed
	Header    []byte  // as is, with its blank line
	UID       UID     // kept as Append says; 0 takes the next
	ImportKey []byte  // nil, or what names the message in the place it comes from

	ImportState int64 // the flags it has there, and a hash of its keywords, for an ImportKey that is an upstream's

	body   []byte   // what follows the header, as is
	chunks [][]byte // or in its stored form, when it was prepared
}

// NewBody makes a message of header and body, whose memory it uses. Append compresses the body in the transaction, unless
// it was prepared before. ErrTooBig from 4 GiB on.
func NewBody(header, body []byte) (*NewMessage, error) {
	size := int64(len(header)) + int64(len(body))
	if size > math.MaxUint32 {
		return nil, fmt.Errorf("message of %d bytes: %w", size, ErrTooBig)
	}
	return &NewMessage{Size: uint32(size), Header: header, body: body}, nil
}

// storeMessage writes the message's bytes and columns under a new ID.
func (tx *Tx) storeMessage(m *NewMessage) (MessageID, error) {
	id := tx.m.next
	tx.m.next++
	var sent, zone, preview driver.Value
	if m.Preview != nil {
		preview = *m.Preview
	}
	if m.HasSent {
		sent, zone = m.Sent, int64(m.SentZone)
	}
	err := tx.c.exec(`INSERT INTO message (id, size, header_size, sent, sent_zone, envelope, structure, parts, head_text, preview)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(id), int64(m.Size), int64(len(m.Header)), sent, zone,
		m.Envelope, m.Structure, m.Parts, m.HeadText, preview)
	if err != nil {
		return 0, err
	}
	if err := tx.c.exec("INSERT INTO header (message, data) VALUES (?, ?)", int64(id), encodeHeader(m.Header)); err != nil {
		return 0, err
	}
	if m.SortKeys != nil && tx.m.fresh.add(id, m.SortKeys) {
		if err := tx.m.writeFreshKeys(); err != nil {
			return 0, err
		}
	}
	return id, tx.storeBody(id, m)
}

// Columns is a set of a message's stored columns.
type Columns uint8

// The columns that Messages can read. ID, Size and HeaderSize always come.
const (
	ColEnvelope Columns = 1 << iota
	ColStructure
	ColParts
	ColHeader
	ColHeadText
	ColSent
	ColPreview
)

// Message is what is stored of a message beside its body. Columns not asked for are zero.
type Message struct {
	ID         MessageID // 0: not there
	Size       uint32    // RFC822.SIZE, bytes
	HeaderSize uint32    // bytes of it that make the header
	Sent       int64     // the Date field, Unix seconds, when HasSent
	SentZone   int32     // its zone in minutes east of UTC
	HasSent    bool
	Envelope   []byte
	Structure  []byte
	Parts      []byte
	HeadText   []byte
	Header     []byte
	Preview    string // when HasPreview: the beginning of its text, in UTF-8
	HasPreview bool   // it has been made
}

// Messages reads columns of messages and returns them in the order of ids, in into when it is large enough. IDs that
// are not there give a Message with ID 0. Meant for a few hundred ids a call; dense ascending ones are fastest.
func (m *Mail) Messages(ids []MessageID, cols Columns, into []Message) ([]Message, error) {
	into = sized(into, len(ids))
	if len(ids) == 0 {
		return into, nil
	}
	err := m.read(func(c *conn) error {
		if err := readMessages(c, ids, cols, into); err != nil {
			return err
		}
		if cols&ColHeader == 0 {
			return nil
		}
		return readHeaders(c, ids, into)
	})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return into, nil
}

// sized returns n zero messages.
func sized(into []Message, n int) []Message {
	if cap(into) < n {
		return make([]Message, n)
	}
	into = into[:n]
	clear(into)
	return into
}

// messageQuery is the text that reads the columns, up to its WHERE clause.
func messageQuery(cols Columns) string {
	var b strings.Builder
	b.WriteString("SELECT id, size, header_size")
	for _, c := range []struct {
		bit  Columns
		name string
	}{
		{ColEnvelope, ", envelope"}, {ColStructure, ", structure"}, {ColParts, ", parts"},
		{ColHeadText, ", head_text"}, {ColSent, ", sent, sent_zone"}, {ColPreview, ", preview"},
	} {
		if cols&c.bit != 0 {
			b.WriteString(c.name)
		}
	}
	b.WriteString(" FROM message WHERE id ")
	return b.String()
}

// scanMessage is the other half of messageQuery.
func scanMessage(r row, cols Columns, m *Message) {
	m.ID, m.Size, m.HeaderSize = MessageID(r.int(0)), uint32(r.int(1)), uint32(r.int(2))
	i := 3
	for _, c := range [...]struct {
		bit  Columns
		into *[]byte
	}{{ColEnvelope, &m.Envelope}, {ColStructure, &m.Structure}, {ColParts, &m.Parts}, {ColHeadText, &m.HeadText}} {
		if cols&c.bit != 0 {
			*c.into = r.blob(i)
			i++
		}
	}
	if cols&ColSent != 0 {
		m.HasSent, m.Sent, m.SentZone = !r.null(i), r.int(i), int32(r.int(i+1))
		i += 2
	}
	if cols&ColPreview != 0 {
		m.HasPreview, m.Preview = !r.null(i), r.text(i)
	}
}

func readMessages(c *conn, ids []MessageID, cols Columns, into []Message) error {
	text := messageQuery(cols)
	return byID(c, text, ids, func(r row, i int) error {
		scanMessage(r, cols, &into[i])
		return nil
	})
}

func readHeaders(c *conn, ids []MessageID, into []Message) error {
	return byID(c, "SELECT message, data FROM header WHERE message ", ids, func(r row, i int) (err error) {
		if into[i].Header, err = decodeHeader(r.blob(1), int(into[i].HeaderSize)); err != nil {
			return fmt.Errorf("%s: header of message %d: %w", c.path, into[i].ID, err)
		}
		return nil
	})
}

// byID runs a query that ends in "WHERE id " and calls each for the rows found, with the position of their id in ids:
// as one range when the ids ascend without large gaps, one by one otherwise. The id is the first column; args are the
// query's arguments before it.
func byID[T MessageID | UID](c *conn, text string, ids []T, each func(r row, i int) error, args ...driver.Value) error {
	if !dense(ids) {
		for i, id := range ids {
			err := c.query(text+"= ?", func(r row) error { return each(r, i) }, append(args, int64(id))...)
			if err != nil {
				return err
			}
		}
		return nil
	}
	i := 0
	return c.query(text+"BETWEEN ? AND ?", func(r row) error {
		id := T(r.int(0))
		for ids[i] < id {
			i++
		}
		if ids[i] != id {
			return nil
		}
		return each(r, i)
	}, append(args, int64(ids[0]), int64(ids[len(ids)-1]))...)
}

// dense reports whether ids ascend and fill at least a third of their range: a row passed over costs about a third of
// one looked up.
func dense[T MessageID | UID](ids []T) bool {
	for i := 1; i < len(ids); i++ {
		if ids[i] <= ids[i-1] {
			return false
		}
	}
	span := int64(ids[len(ids)-1]-ids[0]) + 1
	return span <= int64(3*len(ids))
}
