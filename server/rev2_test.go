package server

import (
	"bytes"
	"strings"
	"testing"
)

// TestLargeGlobal fetches from a message/global part that is too large to be held in
// memory while it is looked at.
func TestLargeGlobal(t *testing.T) {
	srv := startServer(t)
	line := []byte(strings.Repeat("x", 70) + "\r\n")
	inner := bytes.Repeat(line, 5*streamBytes/len(line))
	text := append([]byte("Content-Type: message/global\r\n\r\nSubject: in\r\n\r\n"), inner...)
	if err := srv.deliver(t, testUser, "INBOX", text); err != nil {
		t.Fatal(err)
	}
	c := loginClient(t, srv, "imap")
	c.say(t, "e ENABLE IMAP4rev2")
	c.want(t, "e OK")
	c.say(t, "s SELECT INBOX")
	c.want(t, "s OK")
	if got := c.do(t, "b FETCH 1 BODY"); !strings.Contains(got, `(NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain"`) {
		t.Errorf("BODY: %s", got)
	}
	for _, item := range []string{"BODY.PEEK[1.TEXT]", "BODY.PEEK[1.1]", "BINARY.PEEK[1.1]"} {
		if got, _ := c.literal(t, item); !bytes.Equal(got, inner) {
			t.Errorf("%s: %d bytes, want %d", item, len(got), len(inner))
		}
	}
}
