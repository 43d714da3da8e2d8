package server

import (
	"bytes"
	"io"
	"reflect"
	"unicode/utf8"

	"github.com/emersion/go-imap"
	imapserver "github.com/emersion/go-imap/server"
)

// makeLean takes go-imap's two buffers of 4 KiB out of a connection: all that
// passes through them are the names of commands, and one greeting. With the room
// that the garbage collector needs they are a third of what an idle connection
// costs. It must come after Upgrade, which makes them anew. Where go-imap's
// connection is not built as expected it changes nothing.
func makeLean(c imapserver.Conn) {
	field := reflect.Indirect(reflect.ValueOf(c)).FieldByName("Conn")
	if !field.IsValid() || !field.CanInterface() {
		return
	}
	if inner, ok := field.Interface().(*imap.Conn); ok {
		sock := inner.Conn
		*inner = imap.Conn{
			Conn:   sock,
			Reader: imap.NewServerReader(&leanReader{from: sock}, nil), // never a literal, so never a continuation
			Writer: imap.NewWriter(&leanWriter{to: sock}),
		}
	}
}

// leanReader is the little of a bufio.Reader that go-imap uses. A command name is
// at most 32 bytes, so a line fits.
type leanReader struct {
	from io.Reader
	buf  [40]byte
	r, w int8
	last int8 // size of the rune read last
}

func (l *leanReader) fill() error {
	if l.r < l.w {
		return nil
	}
	n, err := l.from.Read(l.buf[:])
	l.r, l.w, l.last = 0, int8(n), 0
	if n > 0 {
		return nil
	}
	return err
}

// Read reads what is buffered, or once.
func (l *leanReader) Read(p []byte) (int, error) {
	if err := l.fill(); err != nil {
		return 0, err
	}
	n := copy(p, l.buf[l.r:l.w])
	l.r, l.last = l.r+int8(n), 0
	return n, nil
}

// ReadRune reads a rune. The frame gives nothing but ASCII.
func (l *leanReader) ReadRune() (rune, int, error) {
	if err := l.fill(); err != nil {
		return 0, 0, err
	}
	r, n := utf8.DecodeRune(l.buf[l.r:l.w])
	l.r, l.last = l.r+int8(n), int8(n)
	return r, n, nil
}

// UnreadRune takes the last ReadRune back.
func (l *leanReader) UnreadRune() error {
	l.r, l.last = l.r-l.last, 0
	return nil
}

// ReadString reads up to and with the delimiter.
func (l *leanReader) ReadString(delim byte) (string, error) {
	var s []byte
	for {
		if err := l.fill(); err != nil {
			return string(s), err
		}
		rest := l.buf[l.r:l.w]
		l.last = 0
		if i := bytes.IndexByte(rest, delim); i >= 0 {
			l.r += int8(i + 1)
			return string(append(s, rest[:i+1]...)), nil
		}
		s = append(s, rest...)
		l.r = l.w
	}
}

// leanWriter passes on whole lines: go-imap writes one in many pieces.
type leanWriter struct {
	to   io.Writer
	line []byte
}

func (l *leanWriter) Write(p []byte) (int, error) {
	l.line = append(l.line, p...)
	if !bytes.HasSuffix(l.line, []byte("\n")) {
		return len(p), nil
	}
	line := l.line
	l.line = nil
	if _, err := l.to.Write(line); err != nil {
		return 0, err
	}
	return len(p), nil
}
