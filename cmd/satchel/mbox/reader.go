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
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/crlf"
)

// ErrFormat says that a file does not begin like an mbox.
var ErrFormat = errors.New(`not an mbox: the first line does not begin with "From "`)

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

// Reader finds the messages of one mbox file, in order.
type Reader struct {
	src     io.ReaderAt
	in      *bufio.Reader
	quoting Quoting
	pos     int64
	next    time.Time // date of the separator that was read last
	started bool
	undated bool // the first separator has no date that is known
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
		date, ok := separator(line)
		if !ok && r.undated { // nor have the others
			ok = s.blank > 0 && bytes.HasPrefix(line, []byte("From "))
		}
		if ok && whole && !s.inLine {
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
		dated := false
		r.next, dated = separator(line)
		r.undated = !dated && r.quoting != None
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
