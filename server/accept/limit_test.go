package accept

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"
)

// arriving is a listener whose connections come from the addresses of a list.
type arriving struct {
	net.Listener
	from []string
}

func (l *arriving) Accept() (net.Conn, error) {
	if len(l.from) == 0 {
		return nil, net.ErrClosed
	}
	ours, theirs := net.Pipe()
	theirs.Close()
	addr := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(l.from[0]), 1))
	l.from = l.from[1:]
	return from{ours, addr}, nil
}

type from struct {
	net.Conn
	addr net.Addr
}

func (c from) RemoteAddr() net.Addr { return c.addr }

// TestListenerLimits: what is beyond a limit is passed over, and a closed connection makes room, once.
func TestListenerLimits(t *testing.T) {
	in := &arriving{from: []string{"192.0.2.1", "192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2", "2001:db8::3", "::1", "::1", "127.0.0.1", "192.0.2.9"}}
	l := Limit(in, Limits{Total: 7, Network: 2}, &Refusals{Front: "test", Log: slog.New(slog.DiscardHandler)})
	var open []net.Conn
	for _, want := range []string{"192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2", "::1", "::1", "127.0.0.1"} {
		c, err := l.Accept()
		if err != nil || Remote(c).String() != want {
			t.Fatalf("accepted %v, %v; want %s", c, err, want)
		}
		open = append(open, c)
	}
	if _, err := l.Accept(); err != net.ErrClosed {
		t.Fatalf("beyond the limit: %v", err)
	}
	open[0].Close()
	open[0].Close()
	in.from = []string{"192.0.2.1", "192.0.2.1"}
	if c, err := l.Accept(); err != nil || Remote(c).String() != "192.0.2.1" {
		t.Errorf("accepted %v, %v in the place of a closed one", c, err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("a connection that was closed twice made room for two")
	}
}
