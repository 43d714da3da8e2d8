package proxy

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// through opens a listener that believes from, sends text and returns the accepted connection.
func through(t *testing.T, from []netip.Prefix, text string) (accepted, client net.Conn) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := listen(inner, from, slog.New(slog.DiscardHandler), 10*time.Second)
	t.Cleanup(func() { l.Close() })
	client = dial(t, l)
	io.WriteString(client, text)
	accepted, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { accepted.Close() })
	accepted.SetDeadline(time.Now().Add(20 * time.Second))
	return accepted, client
}

func dial(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// version2 is a binary header.
func version2(t *testing.T, command proxyproto.ProtocolVersionAndCommand, source, destination string) string {
	t.Helper()
	h := proxyproto.HeaderProxyFromAddrs(2, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(source)), net.TCPAddrFromAddrPort(netip.MustParseAddrPort(destination)))
	h.Command = command
	b, err := h.Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ name, header, remote, local string }{
		{"version 1", "PROXY TCP4 192.0.2.7 198.51.100.1 4711 143\r\n", "192.0.2.7:4711", "198.51.100.1:143"},
		{"version 1, IPv6", "PROXY TCP6 2001:db8::7 2001:db8::1 4711 143\r\n", "[2001:db8::7]:4711", "[2001:db8::1]:143"},
		{"version 2", version2(t, proxyproto.PROXY, "192.0.2.7:4711", "198.51.100.1:143"), "192.0.2.7:4711", "198.51.100.1:143"},
		{"version 2, IPv6", version2(t, proxyproto.PROXY, "[2001:db8::7]:4711", "[2001:db8::1]:143"), "[2001:db8::7]:4711", "[2001:db8::1]:143"},
		{"asking for life", version2(t, proxyproto.LOCAL, "192.0.2.7:4711", "198.51.100.1:143"), "", ""},
		{"unknown", "PROXY UNKNOWN\r\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, client := through(t, loopback, c.header+"what ")
			if c.remote == "" {
				c.remote, c.local = client.LocalAddr().String(), client.RemoteAddr().String()
			}
			if got.RemoteAddr().String() != c.remote || got.LocalAddr().String() != c.local {
				t.Errorf("addresses %v and %v, want %s and %s", got.RemoteAddr(), got.LocalAddr(), c.remote, c.local)
			}
			io.WriteString(client, "follows")
			client.(*net.TCPConn).CloseWrite()
			if text, err := io.ReadAll(got); string(text) != "what follows" || err != nil {
				t.Errorf("read %q, %v", text, err)
			}
			if _, err := got.(interface {
				SetKeepAliveConfig(net.KeepAliveConfig) error
			}); !err {
				t.Error("the socket's options are out of reach")
			}
		})
	}
}

// TestStranger: what others send is not a header, and who is not waited for is there at once.
func TestStranger(t *testing.T) {
	const text = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 143\r\n"
	got, client := through(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, text)
	if got.RemoteAddr().String() != client.LocalAddr().String() {
		t.Errorf("address %v", got.RemoteAddr())
	}
	client.(*net.TCPConn).CloseWrite()
	if read, err := io.ReadAll(got); string(read) != text || err != nil {
		t.Errorf("read %q, %v", read, err)
	}
}

// TestNoHeader: a load balancer's connection without a header, or with a broken one, is closed, and no other waits for it.
func TestNoHeader(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	logged, log := io.Pipe()
	l := listen(inner, loopback, slog.New(slog.NewTextHandler(log, nil)), 50*time.Millisecond)
	first := make(chan string, 1)
	go func() {
		in := bufio.NewReader(logged)
		line, _ := in.ReadString('\n')
		first <- line
		io.Copy(io.Discard, in)
	}()
	for _, text := range []string{"", "PROXY", "a1 LOGIN alice secret\r\n", "PROXY TCP4 nonsense\r\n", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\xff\xff", strings.Repeat("PROXY ", 100)} {
		c := dial(t, l)
		io.WriteString(c, text)
		if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil || strings.Contains(err.Error(), "timeout") {
			t.Errorf("%q: %d, %v; want the end", text, n, err)
		}
	}
	l.Close()
	if _, err := l.Accept(); err == nil {
		t.Error("Accept after Close")
	}
	if line := <-first; !strings.Contains(line, "connection refused") {
		t.Errorf("log: %s", line)
	}
}

func TestNobodyTrusted(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	unix, err := net.Listen("unix", t.TempDir()+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	if Listen(tcp, nil, nil) != tcp || Listen(unix, loopback, nil) != unix {
		t.Error("wrapped for nothing")
	}
}
