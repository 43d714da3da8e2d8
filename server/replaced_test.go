package server

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"satchel/backend"
)

// setBack has the server start with one message in INBOX, and returns the name of testUser's mail.db and that of a copy
// of it.
func (ts *testServer) setBack(t *testing.T) (path, older string) {
	t.Helper()
	deliverTest(t, ts, "INBOX", "Subject: one\r\n\r\n")
	ts.finish(t)
	found, err := filepath.Glob(filepath.Join(ts.cfg.Data, "accounts", "*", "mail.db"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	path, older = found[0], found[0]+".older"
	if out, err := exec.Command("cp", path, older).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ts.start(t)
	return path, older
}

// append says APPEND and gives the tagged answer.
func (c *client) append(t *testing.T, tag string) string {
	t.Helper()
	const text = "Subject: another\r\n\r\n"
	c.say(t, fmt.Sprintf("%s APPEND INBOX {%d+}\r\n%s", tag, len(text), text))
	return c.want(t, tag+" ")
}

// TestReplacedMail: when somebody has put another mail.db in the place of one that is open, nobody is told that a change
// was stored which is not there. All sessions end, whatever they do, and who connects again finds what is there.
func TestReplacedMail(t *testing.T) {
	srv := startServer(t)
	path, older := srv.setBack(t)
	writer, idler, idle := loginClient(t, srv, "imap"), loginClient(t, srv, "imaps"), loginClient(t, srv, "imap")
	if said := writer.append(t, "a"); !strings.HasPrefix(said, "a OK ") {
		t.Fatal(said)
	}
	writer.do(t, "s SELECT INBOX")
	idler.do(t, "s SELECT INBOX")
	idler.say(t, "i IDLE")
	idler.want(t, "+ ")
	if err := os.Rename(older, path); err != nil {
		t.Fatal(err)
	}
	if said := writer.append(t, "b"); !strings.HasPrefix(said, "b NO [UNAVAILABLE] ") {
		t.Errorf("what is not stored is answered with %q", said)
	}
	for _, c := range []*client{writer, idler, idle} {
		c.want(t, "* BYE "+lostText)
	}
	again := loginClient(t, srv, "imaps")
	if said := again.do(t, "s SELECT INBOX"); !strings.Contains(said, "* 1 EXISTS") {
		t.Errorf("what is there has %q", said)
	}
	if said := again.append(t, "c"); !strings.HasPrefix(said, "c OK [APPENDUID ") || !strings.Contains(said, " 2] ") {
		t.Errorf("there a change is answered with %q", said)
	}
	err := srv.be.Check(t.Context(), nil, true, func(p backend.Problem) error { t.Errorf("check: %+v", p); return nil })
	if err != nil {
		t.Error(err)
	}
}

// TestRemovedMail: when mail.db was removed, its sessions end with the next who logs in. He is refused, and nothing is
// made in its place.
func TestRemovedMail(t *testing.T) {
	srv := startServer(t)
	path, _ := srv.setBack(t)
	before := loginClient(t, srv, "imap")
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, srv.dial(t, "imap"))
	if said := c.do(t, fmt.Sprintf("l LOGIN %s %q", testUser, testPassword)); !strings.Contains(said, "l NO [UNAVAILABLE] ") {
		t.Errorf("the next login is answered with %q", said)
	}
	before.want(t, "* BYE "+lostText)
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file: %v", err)
	}
}
