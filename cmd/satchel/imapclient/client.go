// Package imapclient reads mail from another IMAP server, to bring it over.
//
// It logs in, lists folders, tells what is in one, and streams messages; it changes nothing there but what LOGIN
// changes. It never holds a message above 1 MiB in memory. Servers are not trusted: each response is bounded in length,
// depth and time, what cannot be understood is passed over where that is possible, and no text comes out with control
// characters in it. It knows nothing of accounts, and does not try again: a connection that fails is of no more use.
//
// go-imap's own clients do not do here: that of v1 takes as much memory and as deep a stack as a server says, that of v2
// gives the connection up for a name or an item that it does not know, and Gmail's labels are one.
//
// A Client belongs to one goroutine.
package imapclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Config says how to reach a server.
type Config struct {
	Addr     string      // host:port
	TLS      *tls.Config // nil: the connection is not encrypted
	StartTLS bool        // begin without encryption, but send nothing before it is there

	// Silence is how long the server may say nothing, or take nothing, when it has to.
	Silence time.Duration
}

// Client is a connection to a server.
type Client struct {
	reader
	cfg    Config
	conn   net.Conn
	out    *bufio.Writer
	timed  *timed // what both go through
	tags   int
	caps   map[string]bool
	inside bool        // the server logs its clients in by itself
	bye    Status      // what it said when it ended the connection
	exists uint32      // of the folder that is open
	end    func() bool // stops waiting for the context to end
}

// Dial connects and waits for the greeting. The connection ends with ctx.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	d := net.Dialer{Timeout: cfg.Silence}
	conn, err := d.DialContext(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &Client{cfg: cfg, conn: conn}
	c.end = context.AfterFunc(ctx, func() { conn.Close() })
	c.use(conn)
	if cfg.TLS != nil && !cfg.StartTLS {
		err = c.encrypt(ctx)
	}
	if err == nil {
		err = c.greeting()
	}
	if err == nil && cfg.StartTLS {
		err = c.startTLS(ctx)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close ends the connection without a word.
func (c *Client) Close() error {
	c.end()
	return c.conn.Close()
}

// Logout ends the connection in order, if the server has the patience.
func (c *Client) Logout() error {
	err := c.command(nil, "LOGOUT")
	return errors.Join(err, c.Close())
}

// use makes a connection the one that is read and written.
func (c *Client) use(conn net.Conn) {
	c.conn = conn
	c.timed = &timed{conn, c.cfg.Silence}
	c.reader = reader{in: bufio.NewReaderSize(c.timed, 64<<10)}
	c.out = bufio.NewWriterSize(c.timed, 4<<10)
}

// timed gives each read and write a time of its own.
type timed struct {
	net.Conn
	silence time.Duration
}

func (t *timed) Read(p []byte) (int, error) {
	t.SetReadDeadline(time.Now().Add(t.silence))
	return t.Conn.Read(p)
}

func (t *timed) Write(p []byte) (int, error) {
	t.SetWriteDeadline(time.Now().Add(t.silence))
	return t.Conn.Write(p)
}

func (c *Client) encrypt(ctx context.Context) error {
	conn := tls.Client(c.conn, c.cfg.TLS)
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Silence)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	c.use(conn)
	return nil
}

// startTLS encrypts a connection that began without. What came before is forgotten (RFC 3501, 6.2.1).
func (c *Client) startTLS(ctx context.Context) error {
	if c.inside {
		return fmt.Errorf("%w: it logs in by itself before the connection is encrypted", ErrProtocol)
	}
	if err := c.command(nil, "STARTTLS"); err != nil {
		return fmt.Errorf("STARTTLS: %w", err)
	}
	c.caps = nil
	return c.encrypt(ctx)
}

// maxGreeting is how long a server may take to greet. Some hold a client up for half a minute on purpose.
const maxGreeting = time.Minute

// greeting reads the server's first response.
func (c *Client) greeting() error {
	c.timed.silence = min(c.cfg.Silence, maxGreeting)
	defer func() { c.timed.silence = c.cfg.Silence }()
	c.begin()
	begun := c.skip('*') && c.skip(' ')
	if _, encrypted := c.conn.(*tls.Conn); !encrypted && c.err == errSilent {
		return fmt.Errorf("%w; perhaps this port is for TLS from the start", c.err)
	}
	if !begun {
		return c.trouble("the greeting is not one of IMAP")
	}
	name := strings.ToUpper(c.word())
	st := c.status(name)
	switch name {
	case "PREAUTH":
		c.inside = true
	case "OK":
	case "BYE":
		return &StatusError{st}
	default:
		return c.trouble("the greeting is not one of IMAP")
	}
	c.takeCapabilities(st)
	return c.err
}

// Has reports whether the server has a capability.
func (c *Client) Has(name string) bool { return c.caps[name] }

// takeCapabilities keeps those that come in a response code.
func (c *Client) takeCapabilities(st Status) {
	if st.Code == "CAPABILITY" {
		c.setCapabilities(strings.Fields(st.Args))
	}
}

// maxCapabilities bounds what is kept of a server's list.
const maxCapabilities = 500

func (c *Client) setCapabilities(list []string) {
	c.caps = map[string]bool{}
	for _, name := range list[:min(len(list), maxCapabilities)] {
		c.caps[strings.ToUpper(name)] = true
	}
}

// capability asks for the capabilities unless they are known.
func (c *Client) capability() error {
	if c.caps != nil {
		return nil
	}
	err := c.command(func(name string, _ uint32) bool {
		if name != "CAPABILITY" {
			return false
		}
		c.setCapabilities(strings.Fields(c.line()))
		return true
	}, "CAPABILITY")
	if err == nil && c.caps == nil {
		err = fmt.Errorf("%w: no capabilities", ErrProtocol)
	}
	return err
}
