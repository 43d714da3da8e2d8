package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap"
	"github.com/emersion/go-imap/server"

	"satchel/server/wire"
)

// session is a go-imap connection over a frame, in the way that the server's sessions are.
type session struct {
	server.Conn
	wire *wire.Conn
}

// extension answers every command by itself, once it is armed: go-imap drops one that knows IDLE while it is enabled.
type extension struct{ armed bool }

func (e *extension) Capabilities(server.Conn) []string { return nil }

func (e *extension) Command(name string) server.HandlerFactory {
	if !e.armed {
		return nil
	}
	return func() server.Handler { return handler{} }
}

func (e *extension) NewConn(c server.Conn) server.Conn {
	s := &session{Conn: c}
	c.Upgrade(func(sock net.Conn) (net.Conn, error) {
		s.wire = wire.NewConn(sock)
		s.wire.SetTimeouts(time.Minute, time.Minute)
		s.wire.SetGreeting(func() []byte { return []byte("* OK ours\r\n") })
		return s.wire.Face(), nil
	})
	return s
}

type handler struct{}

func (handler) Parse([]any) error { return nil }

func (handler) Handle(conn server.Conn) error {
	c := conn.(*session).wire
	switch c.Name() {
	case "LOGOUT":
		c.Bye("done")
	case "PANIC":
		panic("as asked")
	case "STOCK":
		return nil // go-imap writes the tagged OK
	}
	c.Print(c.Tag(), " OK ", c.Name(), "\r\n")
	return &imap.ErrStatusResp{}
}

// serveGoIMAP starts a go-imap server and returns a function that connects to it.
func serveGoIMAP(t *testing.T) func() (net.Conn, *bufio.Reader) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ext := &extension{}
	s := server.New(nil)
	s.ErrorLog = log.New(io.Discard, "", 0)
	s.Enable(ext)
	ext.armed = true
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return func() (net.Conn, *bufio.Reader) {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(20 * time.Second))
		t.Cleanup(func() { c.Close() })
		return c, bufio.NewReader(c)
	}
}

func expectLine(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	if line, err := r.ReadString('\n'); line != want+"\r\n" {
		t.Fatalf("got %q, %v, want %q", line, err, want)
	}
}

// TestUnderGoIMAP checks that go-imap sees one line a command, whatever the client sends.
func TestUnderGoIMAP(t *testing.T) {
	c, r := serveGoIMAP(t)()
	expectLine(t, r, "* OK ours")
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "a[%d noop ((\"{3+}\r\n)(x ]\x00 {1}\r\n", i)
	}
	text.WriteString("nil UID\r\nNIL stock \"\xff\r\nb IDLE\r\n")
	go io.WriteString(c, text.String())
	for i := range 200 {
		expectLine(t, r, fmt.Sprintf("a[%d OK NOOP", i))
	}
	expectLine(t, r, "nil OK UID")
	expectLine(t, r, "NIL OK STOCK completed")
	expectLine(t, r, "b OK IDLE")
	io.WriteString(c, "c LOGOUT\r\nd NOOP\r\n")
	expectLine(t, r, "* BYE done")
	expectLine(t, r, "c OK LOGOUT")
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Fatalf("got %q, %v after LOGOUT", rest, err)
	}
}

// TestGoIMAPSurvives sends what kills a stock go-imap v1.2.1 server before login.
func TestGoIMAPSurvives(t *testing.T) {
	dial := serveGoIMAP(t)
	for _, attack := range []string{
		"a LOGIN " + strings.Repeat("(", 4<<20) + "\r\n",
		strings.Repeat("(", 4<<20) + "\r\n",
		"a LOGIN " + strings.Repeat("x", 1<<20) + "\r\n",
		"a LOGIN \"" + strings.Repeat("x", 4<<20) + "\"\r\n",
		"a LOGIN {4294967295}\r\n",
		"a PANIC\r\n",
	} {
		c, _ := dial()
		go io.WriteString(c, attack)
		c, r := dial()
		expectLine(t, r, "* OK ours")
		io.WriteString(c, "a NOOP\r\n")
		expectLine(t, r, "a OK NOOP")
	}
}
