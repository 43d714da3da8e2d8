package server

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/xdg-go/scram"

	"satchel/server/presence"
)

// TestSCRAM logs in with a client of the same standard: without channel binding,
// and with both bindings that TLS 1.3 has.
func TestSCRAM(t *testing.T) {
	srv := startServer(t)
	for _, try := range []struct {
		front, mechanism string
		bind             func(*tls.ConnectionState) (scram.ChannelBinding, error)
	}{
		{"imap", "SCRAM-SHA-256", nil},
		{"imaps", "SCRAM-SHA-256", nil},
		{"imaps", "SCRAM-SHA-256-PLUS", scram.NewTLSExporterBinding},
		{"imaps", "SCRAM-SHA-256-PLUS", scram.NewTLSServerEndpointBinding},
	} {
		user, err := scram.SHA256.NewClient(testUser, testPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		c := &client{Conn: srv.dial(t, try.front)}
		c.in = bufio.NewReader(c)
		c.SetDeadline(time.Now().Add(patience))
		c.want(t, "* OK ")
		talk := user.NewConversation()
		if try.bind != nil {
			state := c.Conn.(*tls.Conn).ConnectionState()
			binding, err := try.bind(&state)
			if err != nil {
				t.Fatal(err)
			}
			talk = user.NewConversationWithChannelBinding(binding)
		}
		scramLogin(t, c, try.mechanism, talk)
	}
}

// TestRenewedBeforeLogin: channel binding is to the certificate that the client was
// shown, also when the server has another one by the time it logs in.
func TestRenewedBeforeLogin(t *testing.T) {
	dir := t.TempDir()
	w := watch(t, makePair(t, dir, "a", time.Now(), "localhost"))
	srv := startServer(t, func(c *Config) { c.TLS = w.TLSConfig() })
	user, err := scram.SHA256.NewClient(testUser, testPassword, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c := &client{Conn: srv.dial(t, "imaps")}
		c.in = bufio.NewReader(c)
		c.SetDeadline(time.Now().Add(patience))
		c.want(t, "* OK ")
		makePair(t, dir, "a", time.Now(), "localhost")
		w.Look()
		state := c.Conn.(*tls.Conn).ConnectionState()
		binding, err := scram.NewTLSServerEndpointBinding(&state)
		if err != nil {
			t.Fatal(err)
		}
		scramLogin(t, c, "SCRAM-SHA-256-PLUS", user.NewConversationWithChannelBinding(binding))
	}
}

// scramLogin plays one exchange, up to the tagged OK and a NOOP behind it.
func scramLogin(t *testing.T, c *client, mechanism string, talk *scram.ClientConversation) {
	t.Helper()
	c.say(t, "a AUTHENTICATE "+mechanism)
	line := c.want(t, "+ ")
	for challenge := ""; !talk.Done(); {
		response, err := talk.Step(challenge)
		if err != nil {
			t.Fatalf("%s: %v", mechanism, err)
		}
		c.say(t, base64.StdEncoding.EncodeToString([]byte(response)))
		if line, err = c.in.ReadString('\n'); err != nil {
			t.Fatalf("%s: %v", mechanism, err)
		}
		if !strings.HasPrefix(line, "+ ") {
			break
		}
		decoded, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(line[2:]))
		challenge = string(decoded)
	}
	if !talk.Valid() || !strings.HasPrefix(line, "a OK [CAPABILITY ") {
		t.Errorf("%s: %q, server proved: %v", mechanism, line, talk.Valid())
	}
	c.say(t, "b NOOP")
	c.want(t, "b OK ")
}

// foreignListener takes connections as if they came from elsewhere.
type foreignListener struct{ net.Listener }

type foreignConn struct{ net.Conn }

func (foreignConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(elsewhere, 1))
}

func (l foreignListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return foreignConn{c}, err
}

// TestNoPasswordInTheClear: from elsewhere than the machine itself a login needs
// TLS first, and it is not offered.
func TestNoPasswordInTheClear(t *testing.T) {
	srv := startServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- srv.imap.Serve(&front{Listener: foreignListener{l}, srv: srv.Server, name: "imap"}) }()
	defer func() {
		l.Close()
		<-served
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	c := &client{conn, bufio.NewReader(conn)}
	if line := c.want(t, "* OK "); !strings.Contains(line, " STARTTLS LOGINDISABLED]") || strings.Contains(line, "AUTH=") {
		t.Errorf("got %q", line)
	}
	c.say(t, `b LOGIN alice "correct horse"`)
	c.want(t, "b NO [PRIVACYREQUIRED] ")
	c.say(t, "c AUTHENTICATE PLAIN AGFsaWNlAGNvcnJlY3QgaG9yc2U=")
	c.want(t, "c NO [PRIVACYREQUIRED] ")
	c.say(t, "d STARTTLS")
	c.want(t, "d OK ")
	secured := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	c = &client{secured, bufio.NewReader(secured)}
	c.say(t, `e LOGIN alice "correct horse"`)
	c.want(t, "e OK ")
}

// TestTimeouts: a client that is silent, or does not log in, is sent away with a
// word; one in IDLE hears heartbeats.
func TestTimeouts(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"silent": func(c *Config) { c.LoginTimeout = 30 * time.Millisecond },
		"late":   func(c *Config) { c.LoginExpiry = 30 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			srv := startServer(t, change)
			c := &client{Conn: srv.dial(t, "imap")}
			c.in = bufio.NewReader(c)
			c.SetDeadline(time.Now().Add(patience))
			c.want(t, "* OK ")
			c.want(t, "* BYE ")
		})
	}
	t.Run("heartbeat", func(t *testing.T) {
		srv := startServer(t, func(c *Config) { c.Heartbeat = 20 * time.Millisecond })
		c := loginClient(t, srv, "imaps")
		c.say(t, "i IDLE")
		for range 3 {
			c.want(t, "* OK Still here")
		}
		c.say(t, "DONE")
		c.want(t, "i OK ")
	})
}

// TestNextBeat: beats are a whole period apart, never at once, and together for
// one address.
func TestNextBeat(t *testing.T) {
	s := &session{srv: &Server{cfg: Config{}.withDefaults()}, remote: elsewhere}
	now := time.Now()
	first := s.nextBeat(now)
	if wait := first.Sub(now); wait <= 0 || wait > 2*time.Minute {
		t.Errorf("waits %v", wait)
	}
	if second := s.nextBeat(first); second.Sub(first) != 2*time.Minute {
		t.Errorf("then %v", second.Sub(first))
	}
	if again := s.nextBeat(first.Add(-time.Nanosecond)); !again.Equal(first) {
		t.Errorf("%v and %v", first, again)
	}
}

// TestDisconnect ends the sessions of one account, and of no other.
func TestDisconnect(t *testing.T) {
	srv := startServer(t)
	a, b := loginClient(t, srv, "imap"), loginClient(t, srv, "imaps")
	other := &client{Conn: srv.dial(t, "imap")}
	other.in = bufio.NewReader(other)
	other.SetDeadline(time.Now().Add(patience))
	other.want(t, "* OK ")
	b.say(t, "i IDLE")
	b.want(t, "+ ")
	srv.EndSessions(presence.Filter{AccountID: srv.account(t, testUser).ID()}, "The account was disabled")
	a.want(t, "* BYE The account was disabled")
	b.want(t, "* BYE The account was disabled")
	other.say(t, "n NOOP")
	other.want(t, "n OK ")
}
