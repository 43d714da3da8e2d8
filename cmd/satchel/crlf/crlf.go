// Package crlf turns the line ends of mail kept in files into those of mail on the wire and back.
//
// It owns nothing and never looks at what a line says. Files of mail stores end their lines in LF, the wire and
// satchel's own store in CRLF. Readers and writers belong to one goroutine each.
package crlf

import (
	"bytes"
	"io"
)

// Reader reads a file's bytes in wire form: a LF that no CR precedes becomes CRLF, everything else passes unchanged.
// So a file that already has CRLF line ends comes out as it is.
type Reader struct {
	src io.Reader
	buf []byte // what was read and not converted yet
	mem [16 << 10]byte
	cr  bool // the last byte given out was a CR
	lf  bool // a CR was given out for a LF that is still to come
	err error
}

// NewReader gives a Reader over src.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: src}
}

// Reset makes r read from src, as a new Reader would.
func (r *Reader) Reset(src io.Reader) {
	r.src, r.buf, r.cr, r.lf, r.err = src, nil, false, false, nil
}

// Read fills p with bytes in wire form.
func (r *Reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if r.lf {
			p[n] = '\n'
			r.lf, r.cr = false, false
			n++
			continue
		}
		if len(r.buf) == 0 {
			if n > 0 || r.err != nil {
				break
			}
			r.fill()
			continue
		}
		n += r.convert(p[n:])
	}
	if n == 0 && len(p) > 0 {
		return 0, r.err
	}
	return n, nil
}

func (r *Reader) fill() {
	n, err := r.src.Read(r.mem[:])
	r.buf, r.err = r.mem[:n], err
}

// convert moves bytes up to and including the next line end; p and r.buf are not empty.
func (r *Reader) convert(p []byte) int {
	run := r.buf[:min(len(r.buf), len(p))]
	i := bytes.IndexByte(run, '\n')
	if i < 0 {
		i = len(run)
	}
	if i > 0 {
		copy(p, run[:i])
		r.cr = run[i-1] == '\r'
		r.buf = r.buf[i:]
		return i
	}
	r.buf = r.buf[1:]
	if r.cr {
		p[0], r.cr = '\n', false
		return 1
	}
	p[0], r.lf = '\r', true
	return 1
}

// AppendFile appends to dst the message wire as files of mail stores hold it: each CRLF becomes LF.
func AppendFile(dst, wire []byte) []byte {
	for {
		i := bytes.Index(wire, []byte("\r\n"))
		if i < 0 {
			return append(dst, wire...)
		}
		dst = append(dst, wire[:i]...)
		dst = append(dst, '\n')
		wire = wire[i+2:]
	}
}

// Check watches a message in wire form go by and knows whether Reader gives the same bytes back after AppendFile.
// A bare LF and a CR before a CRLF do not come back. The zero value is ready.
type Check struct {
	Lossy bool // some byte so far would not come back
	last  [2]byte
}

// Write looks at the next bytes of the message. It never fails.
func (c *Check) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && !c.Lossy {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			break
		}
		before, before2 := c.before(p, i)
		c.Lossy = before != '\r' || before2 == '\r'
		c.keep(p[:i+1])
		p = p[i+1:]
	}
	c.keep(p)
	return n, nil
}

// before gives the two bytes that precede p[i], which may lie in an earlier Write.
func (c *Check) before(p []byte, i int) (byte, byte) {
	switch i {
	case 0:
		return c.last[1], c.last[0]
	case 1:
		return p[0], c.last[1]
	}
	return p[i-1], p[i-2]
}

func (c *Check) keep(p []byte) {
	switch len(p) {
	case 0:
	case 1:
		c.last = [2]byte{c.last[1], p[0]}
	default:
		c.last = [2]byte{p[len(p)-2], p[len(p)-1]}
	}
}
