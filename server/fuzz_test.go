package server

import (
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// inStates is what a client has said before the fuzzed bytes, in each state and
// with the extensions on that change the answers.
var inStates = []string{
	"",
	"s SELECT INBOX",
	"e ENABLE CONDSTORE | s SELECT INBOX",
	"e ENABLE QRESYNC | s SELECT INBOX",
	"e ENABLE QRESYNC UIDONLY | s SELECT INBOX",
	"e ENABLE IMAP4rev2 UTF8=ACCEPT | s EXAMINE INBOX",
}

// FuzzSession sends arbitrary bytes to a session in each state. Whatever they
// are, no command panics, no error of ours is unknown, and the connection ends
// when the client's side does.
func FuzzSession(f *testing.F) {
	files, _ := filepath.Glob("testdata/transcripts/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for state := range 1 + len(inStates) {
			f.Add(uint8(state), sent(string(text)))
		}
	}
	errors := &logBuffer{}
	srv := startServer(f, func(c *Config) {
		c.LoginDelay = 1
		c.Log = slog.New(slog.NewTextHandler(errors, &slog.HandlerOptions{Level: slog.LevelError}))
	})
	if err := srv.deliver(f, testUser, "INBOX", []byte("Subject: fuzz\r\n\r\ntext\r\n")); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, state uint8, input []byte) {
		var c *client
		before := int(state) % (1 + len(inStates))
		if before == 0 {
			c = &client{Conn: srv.dial(t, "imap")}
		} else {
			c = loginClient(t, srv, "imap")
		}
		c.SetDeadline(time.Now().Add(patience))
		if before > 0 {
			c.say(t, strings.ReplaceAll(inStates[before-1], " | ", "\r\n"))
		}
		c.Write(append(input, "\r\n"...))
		c.Conn.(*net.TCPConn).CloseWrite()
		if _, err := io.Copy(io.Discard, c); os.IsTimeout(err) {
			t.Fatal("the session does not end")
		}
		if log := errors.String(); log != "" {
			t.Fatal(log)
		}
	})
}

// sent is what the clients of a transcript say, all together.
func sent(text string) []byte {
	var b []byte
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case strings.HasSuffix(word, ">>"):
			raw, _ := strconv.Unquote(rest)
			b = append(b, raw...)
		case strings.HasSuffix(word, ">"):
			b = append(b, strings.ReplaceAll(rest, " | ", "\r\n")+"\r\n"...)
		}
	}
	return b
}
