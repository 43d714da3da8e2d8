package server

import (
	"context"
	"testing"
	"time"

	"satchel/backend"
)

// TestSearchForNobody: a search ends with the connection of the client that asked for
// it, and with the server. This one would never end.
func TestSearchForNobody(t *testing.T) {
	srv := startServer(t, func(c *Config) { c.Progress = time.Hour })
	if err := srv.deliver(t, testUser, "INBOX", []byte("Subject: x\r\n\r\nx\r\n")); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	srv.commands["XSEARCH"] = newCommand(row{"XSEARCH", selected, noSync, func(s *session) (err error) {
		if err := s.wire.EOL(); err != nil {
			return err
		}
		s.untagged("SEARCHING")
		if err := s.wire.Flush(); err != nil {
			return err
		}
		progress := s.progress()
		q := &backend.Query{Op: backend.QueryBody, Needle: []byte("NOTHING")}
		for err == nil {
			_, err = s.view.Search(s.srv.ctx, q, backend.SearchOptions{Progress: progress})
		}
		ended <- err
		return s.stopped(err)
	}})
	for _, c := range []struct {
		name, front string
		end         func(*client)
	}{
		{"plain", "imap", func(c *client) { c.Close() }},
		{"TLS", "imaps", func(c *client) { c.Close() }},
		{"server", "imap", func(*client) { srv.Shutdown(context.Background()) }},
	} {
		client := loginClient(t, srv, c.front)
		client.say(t, "a SELECT INBOX")
		client.want(t, "a OK ")
		client.say(t, "b XSEARCH")
		client.want(t, "* SEARCHING")
		c.end(client)
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("%s: it ended by itself", c.name)
			}
		case <-time.After(patience):
			t.Fatalf("%s: it searches on for nobody", c.name)
		}
	}
}
