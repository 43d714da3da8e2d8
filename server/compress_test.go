package server

import (
	"bufio"
	"compress/flate"
	"net"
	"strings"
	"testing"
)

// deflating is a connection on which the client compresses, with a flush after
// every Write.
type deflating struct {
	net.Conn
	w     *flate.Writer
	below *client
}

func (d *deflating) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	if err != nil {
		return n, err
	}
	return n, d.w.Flush()
}

// deflated is the client's side of a connection that is compressed from here on.
func (c *client) deflated(t testing.TB) *client {
	t.Helper()
	w, err := flate.NewWriter(c.Conn, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	return &client{&deflating{c.Conn, w, c}, bufio.NewReader(flate.NewReader(c.in))}
}

// deflate has the client's side of a connection compress from here on.
func (s *script) deflate(name string) {
	s.t.Helper()
	s.conns[name] = s.client(name).deflated(s.t)
}

// undeflate goes back to plain text.
func (s *script) undeflate(name string) {
	s.t.Helper()
	if d, ok := s.client(name).Conn.(*deflating); ok {
		s.conns[name] = d.below
	}
}

// compress asks for compression in the mode of that name.
func (s *script) compress(name string) {
	s.t.Helper()
	s.send(name, []byte("compress COMPRESS DEFLATE\r\n"))
	if line := s.receive(name); !strings.HasPrefix(line, "compress OK") {
		s.fatalf("COMPRESS: %s", line)
	}
	s.deflate(name)
}
