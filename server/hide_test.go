package server

import (
	"strings"
	"testing"
)

// TestHide: a capability is kept from a client by the name in its ID, from an
// account, or from both together, though it was announced before.
func TestHide(t *testing.T) {
	srv := startServer(t, func(c *Config) {
		c.Hide = []HideRule{
			{Client: "cloud * sync", Capabilities: []string{"COMPRESS=deflate", "CONDSTORE"}},
			{Account: "ALICE", Capabilities: []string{"AppendLimit"}},
			{Client: "*", Account: "bob", Capabilities: []string{"IDLE"}},
			{Client: "old*", Capabilities: []string{"AUTH=PLAIN"}},
		}
	})
	if _, err := srv.be.AddAccount("bob", testPassword); err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct {
		name, before, id, user, gone, kept string
	}{
		{"by client", "", "Cloud mail sync", "bob", "COMPRESS=DEFLATE IDLE", "APPENDLIMIT MOVE"},
		{"ID before login", "cloud  sync", "", "bob", "COMPRESS=DEFLATE IDLE", "APPENDLIMIT"},
		{"another client", "", "cloud sync agent", "bob", "IDLE", "COMPRESS=DEFLATE APPENDLIMIT"},
		{"another account", "", "", "alice", "APPENDLIMIT", "COMPRESS=DEFLATE IDLE"},
		{"the last ID counts", "cloud mail sync", "other", "bob", "IDLE", "COMPRESS=DEFLATE"},
	} {
		t.Run(try.name, func(t *testing.T) {
			c := newClient(t, srv.dial(t, "imap"))
			if try.before != "" {
				c.do(t, "a ID (\"name\" \""+try.before+"\")")
			}
			c.do(t, "b LOGIN "+try.user+" \""+testPassword+"\"")
			if try.id != "" {
				c.do(t, "c ID (\"name\" \""+try.id+"\")")
			}
			list := c.do(t, "d CAPABILITY") + " "
			for name := range strings.FieldsSeq(try.gone) {
				if strings.Contains(list, " "+name) {
					t.Errorf("%s is not hidden: %s", name, list)
				}
			}
			for name := range strings.FieldsSeq(try.kept) {
				if !strings.Contains(list, " "+name) {
					t.Errorf("%s is hidden: %s", name, list)
				}
			}
			got := c.do(t, "e COMPRESS DEFLATE")
			if hidden := strings.Contains(try.gone, "COMPRESS"); hidden != strings.Contains(got, "NO [CANNOT]") {
				t.Errorf("COMPRESS: %s", got)
			}
		})
	}
	c := newClient(t, srv.dial(t, "imap"))
	if got := c.do(t, "a ID (\"name\" \"Old Mail\")"); !strings.Contains(got, "* CAPABILITY") || strings.Contains(got, "AUTH=PLAIN") {
		t.Errorf("the new list: %s", got)
	}
	if got := c.do(t, "b AUTHENTICATE PLAIN AGFsaWNlAGNvcnJlY3QgaG9yc2U="); !strings.Contains(got, "b NO [CANNOT]") {
		t.Errorf("a mechanism that is hidden: %s", got)
	}
	if got := c.do(t, "c ID (\"name\" \"New Mail\")"); !strings.Contains(got, "AUTH=PLAIN") {
		t.Errorf("another name later: %s", got)
	}

	srv.SetHide([]HideRule{{Account: "bob", Capabilities: []string{"MOVE"}}})
	c = newClient(t, srv.dial(t, "imap"))
	c.do(t, "a LOGIN bob \""+testPassword+"\"")
	if list := c.do(t, "b CAPABILITY") + " "; strings.Contains(list, " MOVE ") || !strings.Contains(list, " IDLE ") {
		t.Errorf("with other rules: %s", list)
	}
}

// do sends a line and returns what comes, up to the tagged answer.
func (c *client) do(t *testing.T, line string) string {
	t.Helper()
	tag, _, _ := strings.Cut(line, " ")
	c.Write([]byte(line + "\r\n"))
	var all strings.Builder
	for {
		got, err := c.in.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: %q, %v", line, all.String()+got, err)
		}
		all.WriteString(strings.TrimRight(got, "\r\n") + " ")
		if strings.HasPrefix(got, tag+" ") {
			return all.String()
		}
	}
}
