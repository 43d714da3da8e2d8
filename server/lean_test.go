package server

import (
	"bufio"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/emersion/go-imap"
)

// TestLeanReader reads commands through it as go-imap does, and compares with a
// bufio.Reader, whatever the pieces in which they come.
func TestLeanReader(t *testing.T) {
	const input = "T NOOP\r\nT SELECT\r\nT " + "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345" + "\r\nrest"
	for name, piece := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
	} {
		lean := imap.NewServerReader(&leanReader{from: piece(strings.NewReader(input))}, nil)
		usual := imap.NewServerReader(bufio.NewReader(strings.NewReader(input)), nil)
		for range 3 {
			got, err := lean.ReadLine()
			want, _ := usual.ReadLine()
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
			}
		}
	}
	l := &leanReader{from: strings.NewReader("first\n" + strings.Repeat("x", 100) + "\nlast")}
	for _, want := range []string{"first\n", strings.Repeat("x", 100) + "\n"} {
		if got, err := l.ReadString('\n'); got != want || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if rest, err := io.ReadAll(l); string(rest) != "last" || err != nil {
		t.Errorf("rest: %q, %v", rest, err)
	}
}

// TestLean: go-imap's connections really are without its buffers.
func TestLean(t *testing.T) {
	srv := startServer(t)
	loginClient(t, srv, "imap")
	found := 0
	srv.sessions.each(func(s *session) {
		inner := reflect.ValueOf(s.Conn).Elem().FieldByName("Conn").Interface().(*imap.Conn)
		for _, name := range []string{"br", "bw"} {
			if field := reflect.ValueOf(inner).Elem().FieldByName(name); field.IsValid() && !field.IsNil() {
				t.Errorf("go-imap has its buffer %s", name)
			}
		}
		found++
	})
	if found != 1 {
		t.Errorf("%d sessions", found)
	}
}
