package server

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"satchel/server/presence"
	"satchel/server/trace"
)

// watch begins a trace of all sessions, or of those that a filter means, with the
// contents of literals.
func (ts *testServer) watch(t *testing.T, f presence.Filter) *trace.Watcher {
	t.Helper()
	w, err := ts.Trace(f, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// traced is all that a watcher was told, one "C: text" a line, without remarks.
func traced(t *testing.T, w *trace.Watcher) string {
	t.Helper()
	events, dropped := w.Take()
	if dropped > 0 {
		t.Errorf("%d events were dropped", dropped)
	}
	var b strings.Builder
	for _, e := range events {
		if e.From != trace.Remark {
			fmt.Fprintf(&b, "%s: %s\n", e.From, e.Text)
		}
	}
	return b.String()
}

// TestTrace: an account's sessions are shown from their next command on, those that
// wait in IDLE with what they are told, and nobody else's.
func TestTrace(t *testing.T) {
	srv := startServer(t)
	if _, err := srv.be.AddAccount("ben", testPassword); err != nil {
		t.Fatal(err)
	}
	idler, c := loginClient(t, srv, "imaps"), loginClient(t, srv, "imap")
	idler.say(t, "s SELECT INBOX\r\ni IDLE")
	idler.want(t, "+ ")
	a := srv.account(t, testUser)
	w := srv.watch(t, presence.Filter{AccountID: a.ID()})
	c.say(t, "a APPEND INBOX {5+}\r\na: b\n\r\nb NOOP")
	c.want(t, "b OK ")
	idler.want(t, "* 1 EXISTS")
	idler.say(t, "DONE")
	idler.want(t, "i OK ")
	c.say(t, "c UNAUTHENTICATE\r\nd LOGIN ben \""+testPassword+"\"\r\ne LIST \"\" *")
	c.want(t, "e OK ")
	got := traced(t, w)
	for _, want := range []string{
		"C: a APPEND INBOX {5+}\n", "C: | a: b\n", "C: b NOOP\n", "S: b OK NOOP completed\n",
		"S: * 1 EXISTS\n", "S: *** OK IDLE completed\n", "C: c UNAUTHENTICATE\n",
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("want %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "C: d ") || strings.Contains(got, "LIST") {
		t.Errorf("another account's session is shown:\n%s", got)
	}
	w.Close()
	c.say(t, "f NOOP")
	c.want(t, "f OK ")
	if got := traced(t, w); got != "" {
		t.Errorf("after the end: %s", got)
	}
}

// secretsOf are the forms in which the secrets of these tests go over the wire.
func secretsOf() []string {
	list := []string{testPassword, "correct", "s3cret-t0ken", "d3vice-t0ken"}
	for _, plain := range []string{testPassword, "\x00" + testUser + "\x00" + testPassword, "n,,\x01auth=Bearer s3cret-t0ken\x01\x01"} {
		list = append(list, strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(plain)), "="))
	}
	return list
}

// TestTraceSecrets: in no way to log in, right or wrong, and in no mode of the
// connection does a trace of everything show a secret.
func TestTraceSecrets(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	plain, pass := b64("\x00"+testUser+"\x00"+testPassword), b64(testPassword)
	literal := fmt.Sprintf("{%d+}\r\n%s", len(testPassword), testPassword)
	// What is said, and how the answer to the last command begins.
	ways := [][2]string{
		{fmt.Sprintf("x LOGIN %s %q", testUser, testPassword), "x OK"},
		{fmt.Sprintf("x login %s %s", testUser, literal), "x OK"},
		{fmt.Sprintf("x LOGIN {%d+}\r\n%s %s", len(testUser), testUser, literal), "x OK"},
		{fmt.Sprintf("x LOGIN %s %q extra", testUser, testPassword), "x BAD"},
		{fmt.Sprintf("x LOGINN %s %q", testUser, testPassword), "x BAD"},
		{testPassword, "correct BAD"},
		{fmt.Sprintf("x AUTHENTICATE %s", pass), "x BAD"},
		{"x AUTHENTICATE PLAIN " + plain, "x OK"},
		{"x AUTHENTICATE PLAIN " + fmt.Sprintf("{%d+}\r\n%s", len(plain), plain), "x OK"},
		{"x AUTHENTICATE PLAIN\r\n" + plain, "x OK"},
		{"x AUTHENTICATE LOGIN\r\n" + b64(testUser) + "\r\n" + pass, "x OK"},
		{"x AUTHENTICATE LOGIN " + b64(testUser) + "\r\n" + pass, "x OK"},
		{"x AUTHENTICATE NOSUCH\r\n" + plain + "\r\nx NOOP", "x OK"},
		{"x AUTHENTICATE OAUTHBEARER " + b64("n,,\x01auth=Bearer s3cret-t0ken\x01\x01"), "x NO"},
		{fmt.Sprintf("y LOGIN %s %q\r\nx LOGIN %s %q", testUser, testPassword, testUser, testPassword), "x BAD"},
		{fmt.Sprintf("y LOGIN %s %q\r\nx AUTHENTICATE PLAIN\r\n%s\r\nx NOOP", testUser, testPassword, plain), "x OK"},
		{fmt.Sprintf("y LOGIN %s %q\r\nz SETMETADATA \"\" (/private/x \"d3vice-t0ken\" /private/y {12+}\r\nd3vice-t0ken)\r\nx GETMETADATA \"\" (/private/x /private/y)", testUser, testPassword), "x OK"},
	}
	for _, mode := range []string{"plain", "tls", "starttls", "compress"} {
		srv := startServer(t)
		w := srv.watch(t, presence.Filter{})
		for _, way := range ways {
			c := srv.secured(t, mode)
			c.say(t, way[0]+"\r\nend NOOP")
			if mode != "compress" {
				c.want(t, way[1])
			}
			c.want(t, "end OK")
			c.Close()
			got := traced(t, w)
			for _, secret := range secretsOf() {
				if strings.Contains(got, secret) {
					t.Errorf("%s: %q shows %q:\n%s", mode, way[0], secret, got)
				}
			}
			if !strings.Contains(got, "***") || !strings.Contains(got, "C: end NOOP\n") || !strings.Contains(got, "S: end OK ") {
				t.Errorf("%s: %q shows too little:\n%s", mode, way[0], got)
			}
		}
	}
}

// secured is a connection in a mode of the transcripts, which has logged in only where
// the mode needs it.
func (ts *testServer) secured(t *testing.T, mode string) *client {
	t.Helper()
	if mode == "tls" {
		return newClient(t, ts.dial(t, "imaps"))
	}
	c := newClient(t, ts.dial(t, "imap"))
	switch mode {
	case "starttls":
		c.say(t, "t STARTTLS")
		c.want(t, "t OK")
		conn := tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true})
		c = &client{conn, bufio.NewReader(conn)}
	case "compress":
		// Compression comes with a login only: all that follows comes too late.
		c.say(t, fmt.Sprintf("t LOGIN %s %q\r\nu COMPRESS DEFLATE", testUser, testPassword))
		c.want(t, "u OK")
		c = c.deflated(t)
	}
	return c
}

// TestTraceTranscripts plays the scenarios with logins and annotations with a trace
// on: all goes as without it, and none of it shows a password.
func TestTraceTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	played := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "AUTHENTICATE") && !strings.Contains(string(text), "LOGIN ") {
			continue
		}
		played++
		for _, mode := range modesOf(string(text)) {
			if mode != "plain" && mode != "compress" {
				continue
			}
			s := newScript(t, file, string(text), mode)
			w := s.srv.watch(t, presence.Filter{})
			s.play()
			got := traced(t, w)
			for _, secret := range secretsOf() {
				if strings.Contains(got, secret) {
					t.Errorf("%s, %s: shows %q", file, mode, secret)
				}
			}
			if !strings.Contains(got, "C: ") || !strings.Contains(got, "S: ") {
				t.Errorf("%s, %s: shows nothing", file, mode)
			}
		}
	}
	if played < 3 {
		t.Errorf("%d scenarios with logins", played)
	}
}
