package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"satchel/server/accept"
)

// loginClient is a connection of testUser.
func loginClient(t testing.TB, srv *testServer, front string) *client {
	t.Helper()
	c := newClient(t, srv.dial(t, front))
	c.say(t, fmt.Sprintf("login LOGIN %s %q", testUser, testPassword))
	c.want(t, "login OK ")
	return c
}

// newClient is the client's side of a connection whose greeting was read.
func newClient(t testing.TB, conn net.Conn) *client {
	t.Helper()
	conn.SetDeadline(time.Now().Add(patience))
	c := &client{conn, bufio.NewReader(conn)}
	c.want(t, "* OK ")
	return c
}

func (c *client) say(t testing.TB, line string) {
	t.Helper()
	if _, err := c.Write([]byte(line + "\r\n")); err != nil {
		t.Fatalf("send %q: %v", line, err)
	}
}

// want reads lines up to one that begins so.
func (c *client) want(t testing.TB, prefix string) string {
	t.Helper()
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			t.Fatalf("waiting for %q: %q %v", prefix, line, err)
		}
		if strings.HasPrefix(line, prefix) {
			return line
		}
	}
}

// TestManyIdle is one person's thirty connections, all in IDLE on one mailbox:
// each is told of a new message.
func TestManyIdle(t *testing.T) {
	srv := startServer(t)
	var clients []*client
	for i := range 30 {
		c := loginClient(t, srv, []string{"imap", "imaps"}[i%2])
		c.say(t, "s SELECT INBOX")
		c.want(t, "s OK ")
		c.say(t, "i IDLE")
		c.want(t, "+ ")
		clients = append(clients, c)
	}
	for n := 1; n <= 5; n++ {
		deliverTest(t, srv, "INBOX", "Subject: hello\r\n\r\n")
		for _, c := range clients {
			c.want(t, fmt.Sprintf("* %d EXISTS", n))
		}
	}
	for _, c := range clients {
		c.say(t, "DONE\r\nn NOOP")
		c.want(t, "i OK ")
		c.want(t, "n OK ")
	}
}

func deliverTest(t testing.TB, srv *testServer, mailbox, text string) {
	t.Helper()
	if err := srv.deliver(t, testUser, mailbox, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// TestShutdown: every client is told BYE, whatever it is at, and nothing is left
// running.
func TestShutdown(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("server", func(t *testing.T) {
		srv := startServer(t)
		idle, waiting, fresh := loginClient(t, srv, "imaps"), loginClient(t, srv, "imap"), srv.dial(t, "imap")
		idle.say(t, "s SELECT INBOX\r\ni IDLE")
		idle.want(t, "+ ")
		in := bufio.NewReader(fresh)
		in.ReadString('\n')
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		go srv.Shutdown(ctx)
		idle.want(t, "* BYE ")
		waiting.want(t, "* BYE ")
		if line, err := in.ReadString('\n'); !strings.HasPrefix(line, "* BYE ") {
			t.Errorf("before login: %q %v", line, err)
		}
		if conn, err := net.Dial("tcp", srv.Addr("imap").String()); err == nil {
			conn.Close()
			t.Error("still takes connections")
		}
	})
	noMoreGoroutines(t, before)
}

// noMoreGoroutines waits until as few goroutines run as before.
func noMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

// TestShutdownCuts: a client that does not let go is cut when the time is over.
func TestShutdownCuts(t *testing.T) {
	srv := startServer(t)
	c := loginClient(t, srv, "imap")
	c.say(t, "a APPEND INBOX {100}") // and no literal: the command does not end
	c.want(t, "+ ")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	srv.Shutdown(ctx)
	if _, err := c.in.ReadString('\n'); err == nil {
		t.Error("the connection is still there")
	}
}

// TestPanic: a command that panics ends its session, and nobody else's.
func TestPanic(t *testing.T) {
	srv := startServer(t)
	srv.commands["XPANIC"] = newCommand(row{"XPANIC", anyState, 0, func(*session) error { panic("on purpose") }})
	other := loginClient(t, srv, "imap")
	c := loginClient(t, srv, "imap")
	c.say(t, "a XPANIC")
	c.want(t, "* BYE ")
	if _, err := c.in.ReadString('\n'); err == nil {
		t.Error("the session goes on")
	}
	other.say(t, "b NOOP")
	other.want(t, "b OK ")
	if log := srv.log.String(); !strings.Contains(log, "on purpose") || !strings.Contains(log, "server_test.go") {
		t.Errorf("no panic with its stack in the log:\n%s", log)
	}
}

// TestInternalError: what goes wrong inside is for the log, not for the client.
func TestInternalError(t *testing.T) {
	srv := startServer(t)
	srv.commands["XFAIL"] = newCommand(row{"XFAIL", anyState, 0, func(*session) error { return errors.New("secret path") }})
	c := loginClient(t, srv, "imap")
	c.say(t, "a XFAIL")
	if line := c.want(t, "a "); line != "a NO [SERVERBUG] Internal error\r\n" {
		t.Errorf("got %q", line)
	}
	if n := strings.Count(srv.log.String(), "secret path"); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

// TestLimits: connections in total and from one address. Loopback is exempt from
// the latter.
func TestLimits(t *testing.T) {
	srv := startServer(t, func(c *Config) { c.MaxConnections, c.MaxPerAddress = 3, 1 })
	var conns []net.Conn
	for range 3 {
		conns = append(conns, srv.dial(t, "imap"))
		if line, _ := bufio.NewReader(conns[len(conns)-1]).ReadString('\n'); !strings.HasPrefix(line, "* OK ") {
			t.Fatalf("got %q", line)
		}
	}
	if line := greet(t, srv); !strings.HasPrefix(line, "* BYE ") {
		t.Errorf("one too many: %q", line)
	}
	conns[0].Close()
	for end := time.Now().Add(patience); !strings.HasPrefix(greet(t, srv), "* OK "); {
		if time.Now().After(end) {
			t.Fatal("the place of a closed connection is not given free")
		}
	}
	srv.SetLimits(1, 1)
	if line := greet(t, srv); !strings.HasPrefix(line, "* BYE ") {
		t.Errorf("with a lower limit: %q", line)
	}
	srv.SetLimits(100, 1)
	if line := greet(t, srv); !strings.HasPrefix(line, "* OK ") {
		t.Errorf("with a higher limit: %q", line)
	}
}

// TestSockets: sockets that are open already are served, several of a name too,
// and not the address.
func TestSockets(t *testing.T) {
	var sockets []net.Listener
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		sockets = append(sockets, l)
	}
	srv := startServer(t, func(c *Config) {
		c.IMAP, c.Sockets = "address of nobody", map[string][]net.Listener{"imap": sockets}
	})
	for _, l := range sockets {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		newClient(t, conn)
	}
	if got := srv.Addr("imap"); got != sockets[0].Addr() {
		t.Errorf("it says it listens on %v, not on the first socket", got)
	}
	loginClient(t, srv, "imaps")
}

// TestAddressLimit counts by address, and by network for IPv6.
func TestAddressLimit(t *testing.T) {
	var r registry
	r.init()
	r.limit(100, 2)
	for _, try := range []struct {
		addr string
		ok   bool
	}{
		{"192.0.2.1", true}, {"192.0.2.1", true}, {"192.0.2.1", false}, {"192.0.2.2", true},
		{"2001:db8::1", true}, {"2001:db8::2", true}, {"2001:db8::3", false}, {"2001:db8:0:1::1", true},
		{"127.0.0.1", true}, {"127.0.0.1", true}, {"127.0.0.1", true}, {"::1", true}, {"::1", true}, {"::1", true},
	} {
		conn := fakeAddr{addr: net.TCPAddr{IP: net.ParseIP(try.addr)}}
		if why := r.admit(accept.Remote(conn)); (why == "") != try.ok {
			t.Errorf("%s: %q", try.addr, why)
		}
	}
}

// fakeAddr is a connection that only has an address.
type fakeAddr struct {
	net.Conn
	addr net.TCPAddr
}

func (f fakeAddr) RemoteAddr() net.Addr { return &f.addr }

// flakyListener fails as the system does when it is short of something.
type flakyListener struct {
	net.Listener
	errs []error
}

func (l *flakyListener) Accept() (net.Conn, error) {
	if len(l.errs) == 0 {
		return nil, net.ErrClosed
	}
	err := l.errs[0]
	l.errs = l.errs[1:]
	return nil, err
}

// TestAcceptErrors: the listener outlives want of descriptors, and ends when it
// is closed.
func TestAcceptErrors(t *testing.T) {
	srv := startServer(t)
	f := &front{srv: srv.Server, name: "imap", refusals: accept.Refusals{Front: "imap", Log: srv.Server.log}, Listener: &flakyListener{errs: []error{
		&net.OpError{Op: "accept", Err: syscall.EMFILE}, syscall.ECONNABORTED, syscall.ENFILE,
	}}}
	if _, err := f.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if n := strings.Count(srv.log.String(), "cannot accept"); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

// TestPortInUse: the error names the address.
func TestPortInUse(t *testing.T) {
	srv := startServer(t)
	other, err := New(srv.be, Config{IMAP: "127.0.0.1:0", IMAPS: srv.Addr("imap").String(), TLS: testTLS()})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Listen(); err == nil || !strings.Contains(err.Error(), srv.Addr("imap").String()) {
		t.Errorf("got %v", err)
	}
}

// TestStuckReader: a client that stops reading is cut, and the others are served
// meanwhile.
func TestStuckReader(t *testing.T) {
	srv := startServer(t, func(c *Config) { c.WriteTimeout = 200 * time.Millisecond })
	deliverTest(t, srv, "INBOX", "Subject: big\r\n\r\n"+strings.Repeat(strings.Repeat("x", 76)+"\r\n", 20000))
	stuck := loginClient(t, srv, "imap")
	stuck.say(t, "s SELECT INBOX")
	stuck.want(t, "s OK ")
	stuck.say(t, strings.Repeat("f FETCH 1 BODY.PEEK[]\r\n", 40))
	other := loginClient(t, srv, "imap")
	other.say(t, "n NOOP")
	other.want(t, "n OK ")
	for end := time.Now().Add(patience); srv.sessions.count() > 1; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("the stuck client is still there")
		}
	}
}

// TestLoginLog: one line for each failed login, fit for fail2ban: no line breaks
// or quotes of the client's making.
func TestLoginLog(t *testing.T) {
	srv := startServer(t)
	c := &client{Conn: srv.dial(t, "imap")}
	c.in = bufio.NewReader(c)
	c.SetDeadline(time.Now().Add(patience))
	c.want(t, "* OK ")
	name := "x\r\nlogin failed rip=1.1.1"
	c.say(t, fmt.Sprintf("a LOGIN {%d+}\r\n%s wrong\r\nb AUTHENTICATE PLAIN AGFsaWNlAHdyb25n", len(name), name))
	c.want(t, "a NO ")
	c.want(t, "b NO ")
	var lines []string
	for line := range strings.Lines(srv.log.String()) {
		if strings.Contains(line, "login failed") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 2 || !strings.Contains(lines[0], `rip=127.0.0.1 user="x  login failed rip=1.1.1" method=LOGIN reason=password`) ||
		!strings.Contains(lines[1], "rip=127.0.0.1 user=alice method=PLAIN reason=password") {
		t.Errorf("log:\n%s", strings.Join(lines, ""))
	}
	if strings.Contains(srv.log.String(), "wrong") {
		t.Error("the log has the password")
	}
}

// TestSilentTLS: a client that connects to the TLS port and says nothing is cut.
func TestSilentTLS(t *testing.T) {
	srv := startServer(t, func(c *Config) { c.LoginTimeout = 50 * time.Millisecond })
	conn := srv.dial(t, "imaps").(*tls.Conn).NetConn()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("got %v", err)
	}
}
