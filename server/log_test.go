package server

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"satchel/server/presence"
)

// filter is fail2ban's, from the page that people copy it from. What it calls <HOST>
// is an address.
func filter(t *testing.T) *regexp.Regexp {
	t.Helper()
	page, err := os.ReadFile("../docs/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(page), "\nfailregex = ")
	line, _, _ = strings.Cut(line, "\n")
	return regexp.MustCompile(strings.ReplaceAll(line, "<HOST>", `(?P<host>[0-9A-Fa-f:.]+)`))
}

// linesOf are the lines of the log that begin with a message.
func (ts *testServer) linesOf(msg string) (lines []string) {
	for line := range strings.Lines(ts.log.String()) {
		if strings.Contains(line, "msg="+msg) {
			lines = append(lines, line)
		}
	}
	return lines
}

// hangUp reads what comes to the end, and closes.
func (c *client) hangUp() {
	for {
		if _, err := c.in.ReadByte(); err != nil {
			break
		}
	}
	c.Close()
}

// emptied waits until no session is left.
func (ts *testServer) emptied(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(patience); ts.sessions.count() > 0; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("a session is still there")
		}
	}
}

// TestSessionLog: each login has one line, and each session that logged in one at its
// end; what the client says of itself cannot make another.
func TestSessionLog(t *testing.T) {
	srv := startServer(t)
	c := newClient(t, srv.dial(t, "imaps"))
	name := "x\r\nlevel=WARN msg=\"login failed\" rip=192.0.2.66 user=x"
	c.say(t, fmt.Sprintf("a ID (\"name\" {%d+}\r\n%s \"version\" \"1.0\")\r\nb LOGIN %s wrong\r\nc LOGIN %s %q", len(name), name, testUser, testUser, testPassword))
	c.want(t, "c OK ")
	id := srv.Sessions(presence.Filter{})[0].ID
	c.say(t, "d NOOP\r\ne LOGOUT")
	c.want(t, "e OK ")
	c.hangUp()
	srv.emptied(t)

	want := "rip=127.0.0.1 session=" + id + " account=alice "
	lines := srv.linesOf("login ")
	if len(lines) != 1 || !strings.Contains(lines[0], want+"method=LOGIN tls=1.3 client=") || !strings.HasSuffix(lines[0], " version=1.0\n") {
		t.Errorf("logins: %q", lines)
	}
	lines = srv.linesOf(`"session ended" `)
	if len(lines) != 1 || !regexp.MustCompile(want+`reason=logout commands=5 in=[0-9]{3} out=[0-9]{3,} duration=`).MatchString(lines[0]) {
		t.Errorf("ends: %q", lines)
	}
	banned := 0
	for line := range strings.Lines(srv.log.String()) {
		if m := filter(t).FindStringSubmatch(line); m != nil {
			banned++
			if m[1] != "127.0.0.1" {
				t.Errorf("%s is banned for %s", m[1], line)
			}
		}
	}
	if banned != 1 {
		t.Errorf("%d failed logins were found", banned)
	}
}

// TestEndReasons: the log says why a session is over.
func TestEndReasons(t *testing.T) {
	for _, tt := range []struct {
		end  func(t *testing.T, srv *testServer, c *client)
		want string
	}{
		{func(_ *testing.T, _ *testServer, c *client) { c.Close() }, `"the client closed the connection"`},
		{func(_ *testing.T, srv *testServer, _ *client) { srv.EndSessions(presence.Filter{}, "Enough") }, `Enough`},
		{func(t *testing.T, _ *testServer, c *client) { c.say(t, "x APPEND INBOX {3+}\r\nabc\r\nx XPANIC") }, `"Internal error"`},
	} {
		srv := startServer(t)
		srv.commands["XPANIC"] = newCommand(row{"XPANIC", anyState, 0, func(*session) error { panic("on purpose") }})
		c := loginClient(t, srv, "imap")
		tt.end(t, srv, c)
		c.hangUp()
		srv.emptied(t)
		if lines := srv.linesOf(`"session ended" `); len(lines) != 1 || !strings.Contains(lines[0], " reason="+tt.want+" ") {
			t.Errorf("want %s: %q", tt.want, lines)
		}
	}
}
