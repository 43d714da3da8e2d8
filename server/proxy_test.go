package server

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestProxies: through a load balancer the client's own address is the one that counts: for what may pass in the clear,
// for limits and in the log.
func TestProxies(t *testing.T) {
	ts := startServer(t, func(c *Config) {
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		c.MaxPerAddress = 1
	})
	through := func(front, source string) net.Conn {
		conn, err := net.Dial("tcp", ts.Addr(front).String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(patience))
		fmt.Fprintf(conn, "PROXY TCP4 %s 198.51.100.1 4711 143\r\n", source)
		return conn
	}
	expect := func(in *bufio.Reader, prefix string) {
		t.Helper()
		if line, err := in.ReadString('\n'); !strings.HasPrefix(line, prefix) {
			t.Errorf("got %q, %v; want %q", line, err, prefix)
		}
	}

	clear := through("imap", "192.0.2.7")
	in := bufio.NewReader(clear)
	expect(in, "* OK ")
	io.WriteString(clear, "a LOGIN alice \"correct horse\"\r\n")
	expect(in, "a NO [PRIVACYREQUIRED]")

	expect(bufio.NewReader(through("imap", "192.0.2.7")), "* BYE Too many connections from your address")

	encrypted := tls.Client(through("imaps", "192.0.2.8"), &tls.Config{InsecureSkipVerify: true})
	in = bufio.NewReader(encrypted)
	expect(in, "* OK ")
	io.WriteString(encrypted, "a LOGIN alice wrong\r\n")
	expect(in, "a NO [AUTHENTICATIONFAILED]")
	if log := ts.log.String(); !strings.Contains(log, `msg="login failed" rip=192.0.2.8 user=alice`) {
		t.Errorf("log: %s", log)
	}
}
