package imapclient

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// script is what a server expects and says, line by line: "> text" is sent, with Go-like line ends, "< text" is what the
// client must send, its tag aside.
func dialScript(t *testing.T, script ...string) (*Client, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		play(t, conn, script)
	}()
	c, err := Dial(context.Background(), Config{Addr: l.Addr().String(), Silence: 10 * time.Second})
	t.Cleanup(func() {
		l.Close()
		if c != nil {
			c.Close()
		}
		<-done
	})
	return c, err
}

func play(t *testing.T, conn net.Conn, script []string) {
	in, tag := bufio.NewReader(conn), ""
	for _, step := range script {
		what, text := step[:2], step[2:]
		if what == "> " {
			text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
			io.WriteString(conn, strings.ReplaceAll(text, "$", tag)+"\r\n")
			continue
		}
		line, err := in.ReadString('\n')
		if err != nil {
			t.Errorf("instead of %q: %v", text, err)
			return
		}
		line = strings.TrimSuffix(line, "\r\n")
		if first, rest, ok := strings.Cut(line, " "); ok {
			tag, line = first, rest
		}
		if line != text {
			t.Errorf("the client sends %q, want %q", line, text)
		}
	}
}

// hearing gives a client that hears input whatever it says.
func hearing(input []byte) *Client {
	c := &Client{end: func() bool { return true }, caps: map[string]bool{}}
	c.reader.in = bufio.NewReader(bytes.NewReader(input))
	c.out = bufio.NewWriter(io.Discard)
	return c
}

// connected gives a client that is logged in.
func connected(t *testing.T, script ...string) *Client {
	t.Helper()
	c, err := dialScript(t, append([]string{"> * PREAUTH [CAPABILITY IMAP4rev1 " + script[0] + "] ready"}, script[1:]...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
