package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap"
)

// TestContext: go-imap's context follows the session.
func TestContext(t *testing.T) {
	srv := startServer(t)
	srv.commands["XCONTEXT"] = newCommand(row{"XCONTEXT", anyState, noSync, func(s *session) error {
		ctx := s.Context()
		var user, mailbox string
		if ctx.User != nil {
			user = ctx.User.Username()
		}
		if ctx.Mailbox != nil {
			mailbox = ctx.Mailbox.Name()
		}
		return s.ok("", fmt.Sprintf("%d %q %q %t %t", ctx.State, user, mailbox, ctx.MailboxReadOnly, s.Conn.Context() == ctx))
	}})
	c := loginClient(t, srv, "imap")
	for _, step := range []struct{ command, want string }{
		{"NOOP", fmt.Sprintf("%d %q %q false true", imap.AuthenticatedState, testUser, "")},
		{"SELECT INBOX", fmt.Sprintf("%d %q %q false true", imap.SelectedState, testUser, "INBOX")},
		{"EXAMINE Sent", fmt.Sprintf("%d %q %q true true", imap.SelectedState, testUser, "Sent")},
		{"SELECT nowhere", fmt.Sprintf("%d %q %q false true", imap.AuthenticatedState, testUser, "")},
		{"SELECT Sent", fmt.Sprintf("%d %q %q false true", imap.SelectedState, testUser, "Sent")},
		{"CLOSE", fmt.Sprintf("%d %q %q false true", imap.AuthenticatedState, testUser, "")},
		{"EXAMINE Sent", fmt.Sprintf("%d %q %q true true", imap.SelectedState, testUser, "Sent")},
		{"UNAUTHENTICATE", fmt.Sprintf("%d %q %q false true", imap.NotAuthenticatedState, "", "")},
		{fmt.Sprintf("LOGIN %s %q", testUser, testPassword), fmt.Sprintf("%d %q %q false true", imap.AuthenticatedState, testUser, "")},
	} {
		c.say(t, "a "+step.command+"\r\nb XCONTEXT")
		if got := strings.TrimSpace(c.want(t, "b OK ")); got != "b OK "+step.want {
			t.Errorf("after %s: %s, want %s", step.command, got, step.want)
		}
	}
}

// TestIDLog: what a client says of itself is logged a few times, clipped, without
// anything that could pass for another line.
func TestIDLog(t *testing.T) {
	srv := startServer(t)
	c := loginClient(t, srv, "imap")
	c.say(t, `a ID ("NAME" {12+}`+"\r\nTest\r\nClient \"version\" \""+strings.Repeat("9", 500)+`" "secret" "x")`)
	c.want(t, "a OK ")
	for range idLogs - 1 {
		c.say(t, `b ID ("name" "x")`)
		c.want(t, "b OK ")
	}
	c.say(t, `c ID ("name" "again")`)
	c.want(t, "c OK ")
	log := srv.log.String()
	if !strings.Contains(log, `client="Test  Client" version=`+strings.Repeat("9", shownName)+"... ") && !strings.Contains(log, `client="Test  Client" version=`+strings.Repeat("9", shownName)+"...\n") {
		t.Errorf("log:\n%s", log)
	}
	if strings.Contains(log, "again") || strings.Contains(log, "secret") {
		t.Errorf("too much in the log:\n%s", log)
	}
}

// TestCloseTwice: a session can be closed from anywhere, more than once, and
// gives everything back once.
func TestCloseTwice(t *testing.T) {
	srv := startServer(t)
	c := loginClient(t, srv, "imaps")
	c.say(t, "s SELECT INBOX\r\ni IDLE")
	c.want(t, "+ ")
	srv.sessions.each(func(s *session) {
		s.Close()
		s.Close()
	})
	if _, err := c.in.ReadString('\n'); err == nil {
		t.Error("the connection is still there")
	}
}
