package storage

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"satchel/storage/codec"
)

// Prepare writes to w what a transaction needs of a message, the body compressed, in the form that ReadPrepared reads:
// the rest is copying. Of the body it holds one chunk at a time. Not written is what belongs to the entry: Date, Flags,
// Keywords, UID, ImportKey, ImportState. The form is for this process alone, it changes with the program.
func (m *NewMessage) Prepare(w io.Writer) error {
	p := preparers.Get().(*preparer)
	defer preparers.Put(p)
	p.w, p.buf, p.err = w, p.buf[:0], nil
	p.number(int64(m.Size))
	p.number(int64(len(m.Header)))
	p.number(btoi(m.HasSent))
	p.number(m.Sent)
	p.number(int64(m.SentZone))
	for _, column := range [...][]byte{m.Envelope, m.Structure, m.Parts, m.HeadText, m.SortKeys} {
		p.column(column)
	}
	if p.number(btoi(m.Preview != nil)); m.Preview != nil {
		p.column([]byte(*m.Preview))
	}
	p.bytes(m.Header)
	p.body(m.body)
	p.flush()
	p.w = nil
	return p.err
}

// ReadPrepared makes the message of what Prepare has written, at the start of data, and returns what comes after it. The
// message uses data's memory: it holds as long as that does, or until the next ReadPrepared. Fields that Prepare does
// not write stay as they are.
func (m *NewMessage) ReadPrepared(data []byte) (rest []byte, err error) {
	r := preparedReader{data: data}
	m.Size = uint32(r.number())
	header := r.number()
	m.HasSent, m.Sent, m.SentZone = r.number() != 0, r.number(), int32(r.number())
	for _, column := range [...]*[]byte{&m.Envelope, &m.Structure, &m.Parts, &m.HeadText, &m.SortKeys} {
		*column = r.column()
	}
	m.Preview = nil
	if r.number() != 0 {
		text := string(r.column())
		m.Preview = &text
	}
	m.Header = r.bytes(header)
	m.body, m.chunks = nil, m.chunks[:0]
	for left := int64(m.Size) - header; left > 0 && !r.short; left -= chunkSize {
		m.chunks = append(m.chunks, r.bytes(r.number()))
	}
	if r.short {
		return nil, fmt.Errorf("prepared message: %w", io.ErrUnexpectedEOF)
	}
	return r.data, nil
}

// preparer collects small writes.
type preparer struct {
	w   io.Writer
	buf []byte
	err error
}

var preparers = sync.Pool{New: func() any { return &preparer{buf: make([]byte, 0, 2*chunkSize)} }}

// number writes a number.
func (p *preparer) number(n int64) { p.buf = binary.AppendVarint(p.buf, n) }

// column writes bytes that may be nil.
func (p *preparer) column(b []byte) {
	if b == nil {
		p.number(-1)
		return
	}
	p.number(int64(len(b)))
	p.bytes(b)
}

// bytes writes bytes whose number is known.
func (p *preparer) bytes(b []byte) {
	if len(p.buf)+len(b) > chunkSize {
		p.flush()
	}
	if len(b) <= chunkSize {
		p.buf = append(p.buf, b...)
	} else {
		p.write(b)
	}
}

// body writes the chunks of a body.
func (p *preparer) body(body []byte) {
	e := codec.NewEncoder()
	defer e.Release()
	for len(body) > 0 && p.err == nil {
		n := min(len(body), chunkSize)
		stored := e.Chunk(body[:n])
		p.number(int64(len(stored)))
		p.bytes(stored)
		body = body[n:]
	}
}

func (p *preparer) flush() {
	p.write(p.buf)
	p.buf = p.buf[:0]
}

func (p *preparer) write(b []byte) {
	if p.err == nil && len(b) > 0 {
		_, p.err = p.w.Write(b)
	}
}

// preparedReader reads what a preparer writes.
type preparedReader struct {
	data  []byte
	short bool // it ended too early
}

func (r *preparedReader) number() int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.short = true
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *preparedReader) column() []byte {
	n := r.number()
	if n < 0 {
		return nil
	}
	return r.bytes(n)
}

func (r *preparedReader) bytes(n int64) []byte {
	if r.short || n < 0 || n > int64(len(r.data)) {
		r.short = true
		return nil
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}
