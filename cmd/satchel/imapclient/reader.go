package imapclient

import (
	"bufio"
	"errors"
	"io"
	"os"
)

// Bounds of what a server may send.
const (
	maxResponse = 1 << 20  // bytes of one response, messages aside
	maxString   = 64 << 10 // of a string that is kept
	maxDepth    = 32       // of nested lists
)

// reader takes responses apart. Its methods do nothing once err is set, so that it need be looked at only at the end.
type reader struct {
	in   *bufio.Reader
	left int // bytes that the response may have yet
	err  error
}

// begin is called before each response.
func (r *reader) begin() { r.left = maxResponse }

// peek is the next byte, 0 at the end of the line and after an error.
func (r *reader) peek() byte {
	if r.err != nil {
		return 0
	}
	b, err := r.in.Peek(1)
	if err != nil {
		r.fail(err)
		return 0
	}
	if b[0] == '\r' || b[0] == '\n' {
		return 0
	}
	return b[0]
}

var errSilent = errors.New("the server is silent")

func (r *reader) fail(err error) {
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		err = errors.New("the server closed the connection")
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errSilent
	}
	if r.err == nil {
		r.err = err
	}
}

// take reads a byte.
func (r *reader) take() byte {
	if r.err != nil {
		return 0
	}
	if r.left--; r.left < 0 {
		r.trouble("a response without an end")
		return 0
	}
	b, err := r.in.ReadByte()
	if err != nil {
		r.fail(err)
	}
	return b
}

// skip reads a byte if it is the one.
func (r *reader) skip(b byte) bool {
	if r.peek() != b || r.err != nil {
		return false
	}
	r.take()
	return true
}

// space passes over blanks: some servers have too many, or too few.
func (r *reader) space() {
	for r.skip(' ') {
	}
}

// until reads up to a byte for which stop holds, or the end of the line.
func (r *reader) until(stop func(b byte) bool) string {
	var s []byte
	for b := r.peek(); b != 0 && !stop(b); b = r.peek() {
		if s = append(s, r.take()); len(s) > maxString {
			r.trouble("a word without an end")
		}
	}
	return string(s)
}

// bytes reads so many bytes of a response.
func (r *reader) bytes(n int) []byte {
	if r.left -= n; r.left < 0 {
		r.trouble("a response without an end")
	}
	if r.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r.in, b); err != nil {
		r.fail(io.EOF)
	}
	return b
}

// line reads the rest of the line as text, and its end.
func (r *reader) line() string {
	s := r.until(func(byte) bool { return false })
	r.lineEnd()
	return s
}

func (r *reader) lineEnd() {
	if r.take() == '\r' && r.err == nil {
		if b, err := r.in.Peek(1); err == nil && b[0] == '\n' {
			r.take()
		}
	}
}
