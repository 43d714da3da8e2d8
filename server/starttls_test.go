package server

import (
	"bufio"
	"crypto/tls"
	"net"
	"testing"
)

// TestTickets: a client is given a ticket to resume its session, except where that would
// arrive while it sends its first command.
func TestTickets(t *testing.T) {
	srv := startServer(t)
	for _, c := range []struct {
		front   string
		version uint16
		want    bool
	}{
		{"imaps", tls.VersionTLS13, true},
		{"imaps", tls.VersionTLS12, true},
		{"imap", tls.VersionTLS13, false},
		{"imap", tls.VersionTLS12, true},
	} {
		kept := tls.NewLRUClientSessionCache(1)
		plain, err := net.Dial("tcp", srv.Addr(c.front).String())
		if err != nil {
			t.Fatal(err)
		}
		defer plain.Close()
		if c.front == "imap" {
			p := newClient(t, plain)
			p.say(t, "s STARTTLS")
			p.want(t, "s OK")
		}
		conn := tls.Client(plain, &tls.Config{ServerName: "localhost", InsecureSkipVerify: true, MaxVersion: c.version, ClientSessionCache: kept})
		secured := &client{conn, bufio.NewReader(conn)}
		secured.say(t, "n NOOP")
		secured.want(t, "n OK")
		if _, got := kept.Get("localhost"); got != c.want {
			t.Errorf("%s, TLS %x: a ticket %v, want %v", c.front, c.version, got, c.want)
		}
	}
}
