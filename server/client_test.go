package server

import (
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"
)

// TestImaplibWithoutNoDelay: Python's imaplib leaves Nagle's algorithm on and
// writes a literal and the line's end separately, so the end stays with the
// client until the literal is acknowledged. Linux puts that off for 40 ms unless
// it is asked not to.
func TestImaplibWithoutNoDelay(t *testing.T) {
	srv := startServer(t)
	for _, front := range []string{"imap", "imaps"} {
		t.Run(front, func(t *testing.T) { withoutNoDelay(t, loginClient(t, srv, front)) })
	}
}

func withoutNoDelay(t *testing.T, c *client) {
	const rounds, delayed = 60, 38 * time.Millisecond
	sock := c.Conn
	if secured, ok := sock.(*tls.Conn); ok {
		sock = secured.NetConn()
	}
	sock.(*net.TCPConn).SetNoDelay(false)
	var took []time.Duration
	for i := range rounds {
		begin := time.Now()
		fmt.Fprintf(c, "a%d LIST \"\" {1}\r\n", i)
		c.want(t, "+ ")
		fmt.Fprint(c, "x")
		fmt.Fprint(c, "\r\n")
		c.want(t, fmt.Sprintf("a%d OK ", i))
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	if quarter := took[rounds/4]; quarter >= delayed {
		t.Errorf("three of four literals took %v or more: their ACK was delayed", quarter)
	}
}
