package server

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"satchel/server/presence"
)

// TestSessions: a client is seen as it is, at each step.
func TestSessions(t *testing.T) {
	srv := startServer(t)
	only := func() presence.Session {
		t.Helper()
		list := srv.Sessions(presence.Filter{})
		if len(list) != 1 {
			t.Fatalf("%d sessions: %+v", len(list), list)
		}
		return list[0]
	}
	c := newClient(t, srv.dial(t, "imap"))
	p := only()
	if p.Front != "imap" || p.TLS != "" || p.Account != "" || p.Remote != loopback || p.Command != "" || p.Out == 0 || p.Since.IsZero() {
		t.Errorf("greeted: %+v", p)
	}
	c.say(t, "s STARTTLS")
	c.want(t, "s OK ")
	secured := tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true})
	c = &client{secured, bufio.NewReader(secured)}
	c.say(t, "a LOGIN "+testUser+" \""+testPassword+"\"")
	c.want(t, "a OK ")
	c.say(t, "b ID (\"name\" \"\x1b[31mPhone"+strings.Repeat("x", 99)+"\" \"version\" \"2.0\")")
	c.want(t, "b OK ")
	c.say(t, "c SELECT Sent")
	c.want(t, "c OK ")
	c.say(t, "d IDLE")
	c.want(t, "+ ")
	next := only()
	if next.ID != p.ID || next.TLS != "TLS 1.3" || next.Account != testUser || next.Method != "LOGIN" || next.Mailbox != "Sent" ||
		next.Command != "IDLE" || next.Version != "2.0" || next.Commands != 5 || next.In <= p.In || next.Out <= p.Out || next.StateAge.Before(p.StateAge) {
		t.Errorf("in IDLE: %+v", next)
	}
	if !strings.HasPrefix(next.Client, "?[31mPhonexxx") || len(next.Client) > shownName+3 {
		t.Errorf("client %q", next.Client)
	}
	c.say(t, "DONE\r\ne UNSELECT")
	c.want(t, "e OK ")
	c.say(t, "f UNAUTHENTICATE")
	c.want(t, "f OK ")
	if p := only(); p.Account != "" || p.AccountID != "" || p.Mailbox != "" || p.Client == "" {
		t.Errorf("logged off: %+v", p)
	}
	c.say(t, "g LOGOUT")
	c.want(t, "g OK ")
	if list := srv.Sessions(presence.Filter{}); len(list) > 0 {
		t.Errorf("logged out, though the client has not closed: %+v", list)
	}
}

// TestSessionCompress: compression is seen, and what is counted is what went over the
// network.
func TestSessionCompress(t *testing.T) {
	srv := startServer(t)
	c := loginClient(t, srv, "imaps")
	id := srv.Sessions(presence.Filter{})[0].ID
	c.say(t, "a COMPRESS DEFLATE")
	c.want(t, "a OK ")
	c = c.deflated(t)
	before := srv.Sessions(presence.Filter{Session: id})[0]
	c.say(t, "b LIST \"\" {500+}\r\n"+strings.Repeat("x", 500)+"\r\nc NOOP")
	c.want(t, "c OK ")
	p := srv.Sessions(presence.Filter{Session: id})[0]
	if !p.Compress || p.Front != "imaps" || p.In <= before.In || p.In-before.In >= 500 || p.Out <= before.Out {
		t.Errorf("%+v, before %+v", p, before)
	}
}

// TestEndSessions: who is meant is told, and nobody else.
func TestEndSessions(t *testing.T) {
	srv := startServer(t)
	if _, err := srv.be.AddAccount("ben", testPassword); err != nil {
		t.Fatal(err)
	}
	alice := loginClient(t, srv, "imap")
	a := srv.account(t, testUser)
	if n := srv.EndSessions(presence.Filter{AccountID: a.ID(), Network: netip.MustParsePrefix("192.0.2.0/24")}, "no"); n != 0 {
		t.Errorf("ended %d from elsewhere", n)
	}
	ben := newClient(t, srv.dial(t, "imap"))
	ben.say(t, "a LOGIN ben \""+testPassword+"\"")
	ben.want(t, "a OK ")
	if n := srv.EndSessions(presence.Filter{AccountID: a.ID()}, "Enough for today"); n != 1 {
		t.Errorf("ended %d", n)
	}
	alice.want(t, "* BYE Enough for today")
	ben.say(t, "b NOOP")
	ben.want(t, "b OK ")
}

// TestEndSessionsCut: who never comes to the end of a command is not waited for.
func TestEndSessionsCut(t *testing.T) {
	srv := startServer(t, func(c *Config) { c.EndGrace = time.Millisecond })
	c := loginClient(t, srv, "imaps")
	c.say(t, "a APPEND INBOX {100}")
	c.want(t, "+ ")
	c.Write([]byte("half of"))
	if n := srv.EndSessions(presence.Filter{}, "Enough"); n != 1 {
		t.Errorf("ended %d", n)
	}
	if line, err := c.in.ReadString('\n'); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%q, %v", line, err)
	}
}
