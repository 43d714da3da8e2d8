package wire

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// script is a socket whose client has sent everything already, and reads everything.
type script struct {
	io.Reader
	sent   []byte
	writes int
}

func scripted(input string) *Conn { return NewConn(&script{Reader: strings.NewReader(input)}) }

func (s *script) Write(p []byte) (int, error) {
	s.sent = append(s.sent, p...)
	s.writes++
	return len(p), nil
}
func (s *script) Close() error                     { return nil }
func (s *script) LocalAddr() net.Addr              { return nil }
func (s *script) RemoteAddr() net.Addr             { return nil }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// begin reads up to the first command's arguments.
func begin(t testing.TB, c *Conn) {
	t.Helper()
	c.SetLimits(PostAuth(1 << 20))
	if _, err := c.Face().Read(make([]byte, 64)); err != nil {
		t.Fatalf("no command: %v", c.Err())
	}
}

// arguments returns a frame that stands before the arguments in text.
func arguments(t testing.TB, text string) *Conn {
	t.Helper()
	c := scripted("a X " + text + "\r\n")
	begin(t, c)
	if err := c.SP(); err != nil {
		t.Fatal(err)
	}
	return c
}
