package mbox

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/crlf"
)

// ErrFormat says that a file does not begin like an mbox.
var ErrFormat = errors.New(`not an mbox: the first line does not begin with "From "`)

// maxStatus bounds how many status fields of one header are looked at.
const maxStatus = 64

// Message is one message of an mbox file. Its bytes are read with Reader.Open.
type Message struct {
	Offset   int64     // of the first byte after the separator line
	Size     int64     // bytes in wire form
	Date     time.Time // of the separator line; zero if it has none
	Flags    backend.Flags
	Keywords []string
	Key      []byte // names the message for good: hash of its content and which of the equal ones it is
	Internal bool   // a mail program's own notes, not mail (Pine's and UW IMAP's "folder internal data")

	length int64 // bytes in the file, without the blank line before the next separator
	strip  []span
}

// span is a status field in the header, relative to the message's offset.
type span struct {
	from, to int64
	wire     int64 // bytes in wire form
	field    int
	value    string
}

// Reader finds the messages of one mbox file, in order.
type Reader struct {
	src     io.ReaderAt
	in      *bufio.Reader
	quoting Quoting
	pos     int64
	next    time.Time // date of the separator that was read last
	started bool
	seen    map[[16]byte]uint32

	// What Open uses again and again.
	content content
	wire    *crlf.Reader
}

// NewReader gives a Reader of the size bytes of src.
func NewReader(src io.ReaderAt, size int64, q Quoting) *Reader {
	return &Reader{
		src: src, quoting: q, seen: map[[16]byte]uint32{},
		in: bufio.NewReaderSize(io.NewSectionReader(src, 0, size), 64<<10),
	}
}

// Pos gives how many bytes of the file have been looked at.
func (r *Reader) Pos() int64 { return r.pos }

// Next finds the next message. It ends with io.EOF; a file that is no mbox gives ErrFormat.
func (r *Reader) Next() (*Message, error) {
	if !r.started {
		if err := r.start(); err != nil {
			return nil, err
		}
	} else if r.in == nil {
		return nil, io.EOF
	}
	s := scan{m: &Message{Offset: r.pos, Date: r.next}, header: true, hash: sha256.New()}
	for {
		line, whole, err := r.line()
		if err == io.EOF {
			r.in = nil
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read mbox: %w", err)
		}
		if date, ok := separator(line); ok && whole && !s.inLine {
			r.next = date
			break
		}
		s.add(line, whole, r.quoting)
	}
	s.finish()
	s.m.Key = r.key(s.hash)
	return s.m, nil
}

// start reads the first separator line. Blank lines before it are passed over.
func (r *Reader) start() error {
	r.started = true
	for {
		line, whole, err := r.line()
		if err != nil {
			return err
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			continue
		}
		if !whole || !bytes.HasPrefix(line, []byte("From ")) {
			return ErrFormat
		}
		r.next, _ = separator(line)
		return nil
	}
}

// line reads up to the next LF, or as much of a longer line as the buffer holds.
func (r *Reader) line() (line []byte, whole bool, err error) {
	line, err = r.in.ReadSlice('\n')
	r.pos += int64(len(line))
	if err == bufio.ErrBufferFull {
		return line, false, nil
	}
	if err == io.EOF && len(line) > 0 {
		err = nil
	}
	return line, true, err
}

func (r *Reader) key(h hash.Hash) []byte {
	var id [16]byte
	copy(id[:], h.Sum(nil))
	n := r.seen[id]
	r.seen[id] = n + 1
	return binary.BigEndian.AppendUint32(id[:], n)
}

// scan gathers what is known of one message while its lines go by.
type scan struct {
	m      *Message
	hash   hash.Hash
	pos    int64 // relative to the message's offset
	header bool
	inLine bool  // the piece before this one did not end its line
	cr     bool  // and it ended in a CR
	blank  int64 // length of the last line if it was blank
	spans  []span
	field  int // the status field being read, -1 for another one
}

// add takes the next piece of the message; whole says that the piece ends its line.
func (s *scan) add(piece []byte, whole bool, q Quoting) {
	at := s.pos
	s.pos += int64(len(piece))
	s.wireBlank()
	text := bytes.TrimRight(piece, "\r\n")
	first := !s.inLine
	if first {
		s.cr = false
	}
	if first && (string(piece) == "\n" || string(piece) == "\r\n") {
		s.blank = int64(len(piece))
		s.header = false
		s.field = -1
		s.inLine = false
		return // counted when it turns out not to be the last one
	}
	wire := s.wire(piece)
	s.inLine = !whole
	if s.header && s.status(text, first, at, wire) {
		return
	}
	if first && q.quoted(piece) {
		piece, wire = piece[1:], wire-1
	}
	s.m.Size += wire
	s.hash.Write(piece)
}

// wire gives the bytes that piece takes in wire form.
func (s *scan) wire(piece []byte) int64 {
	n := len(piece)
	size := int64(n)
	if piece[n-1] == '\n' {
		before := s.cr
		if n > 1 {
			before = piece[n-2] == '\r'
		}
		if !before {
			size++
		}
	}
	s.cr = piece[n-1] == '\r'
	return size
}

// wireBlank counts the blank line before this piece, now that it is known not to end the message.
func (s *scan) wireBlank() {
	if s.blank > 0 {
		s.m.Size += 2
		s.hash.Write([]byte{'\n'})
		s.blank = 0
	}
}

// status takes note of a status field and reports whether the piece belongs to one.
func (s *scan) status(text []byte, first bool, at, wire int64) bool {
	folded := first && len(text) > 0 && (text[0] == ' ' || text[0] == '\t')
	if first && !folded {
		s.field = statusField(text)
		if len(s.spans) == maxStatus {
			s.field = -1
		}
		if bytes.HasPrefix(text, []byte("Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA")) {
			s.m.Internal = true
		}
		if s.field >= 0 {
			s.spans = append(s.spans, span{from: at, field: s.field})
			text = text[bytes.IndexByte(text, ':')+1:]
		}
	}
	if s.field < 0 || len(s.spans) == 0 {
		return false
	}
	last := &s.spans[len(s.spans)-1]
	last.to, last.wire = s.pos, last.wire+wire
	if len(last.value)+len(text) < 1<<16 {
		last.value += string(text)
	}
	return true
}

// finish settles what the lines could not tell one by one: the last of each status field is the mail program's, an
// earlier one is the message's own.
func (s *scan) finish() {
	s.m.length = s.pos - s.blank
	var taken [fieldCount]bool
	for i := len(s.spans) - 1; i >= 0; i-- {
		sp := s.spans[i]
		if taken[sp.field] {
			s.m.Size += sp.wire
			continue
		}
		taken[sp.field] = true
		s.m.strip = append(s.m.strip, sp)
		s.m.setStatus(sp)
	}
}

func (m *Message) setStatus(sp span) {
	if sp.field == fieldKeywords {
		m.Keywords = strings.Fields(sp.value)
		return
	}
	for _, c := range sp.value {
		switch c {
		case 'R':
			m.Flags |= backend.FlagSeen
		case 'A':
			m.Flags |= backend.FlagAnswered
		case 'F':
			m.Flags |= backend.FlagFlagged
		case 'D':
			m.Flags |= backend.FlagDeleted
		case 'T':
			m.Flags |= backend.FlagDraft
		}
	}
}

// Open gives the message's bytes in wire form, m.Size of them. They are good until the next Open.
func (r *Reader) Open(m *Message) io.Reader {
	if r.wire == nil {
		r.content.in = bufio.NewReaderSize(nil, 32<<10)
		r.wire = crlf.NewReader(nil)
	}
	in := r.content.in
	in.Reset(io.NewSectionReader(r.src, m.Offset, m.length))
	r.content = content{in: in, m: m, quoting: r.quoting}
	r.wire.Reset(&r.content)
	return r.wire
}

// content reads a message as it stands in the file, without status fields and quoting.
type content struct {
	in      *bufio.Reader
	m       *Message
	quoting Quoting
	pos     int64
	inLine  bool
	rest    []byte
}

func (c *content) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		line, err := c.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		c.take(line)
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *content) take(line []byte) {
	at := c.pos
	c.pos += int64(len(line))
	first := !c.inLine
	c.inLine = line[len(line)-1] != '\n'
	for _, sp := range c.m.strip {
		if at >= sp.from && at < sp.to {
			return
		}
	}
	if first && c.quoting.quoted(line) {
		line = line[1:]
	}
	c.rest = line
}
