package proof

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// client is a plain IMAP connection. A response is the line without its CRLF;
// literals stay inside it as they came: "{5}\r\nhello".
type client struct {
	net.Conn
	r     *bufio.Reader
	tag   int
	limit time.Duration // for one command
}

// connect opens a connection (TLS if secure) and reads the greeting.
func connect(addr string, secure bool) (*client, error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	if secure {
		conn = tls.Client(conn, anyCertificate)
	}
	c := &client{Conn: conn, r: bufio.NewReader(conn), limit: 30 * time.Second}
	c.SetDeadline(time.Now().Add(c.limit))
	greeting, err := c.response()
	if err == nil && !strings.HasPrefix(greeting, "* OK") {
		err = fmt.Errorf("greeting %q", greeting)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

// login connects and logs in as name; it must succeed.
func login(t testing.TB, p *program, name string) *client {
	t.Helper()
	c, err := connect(p.imap, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	p.clients = append(p.clients, c)
	c.must(t, "LOGIN %s %q", name, password)
	return c
}

// response reads one response with its literals.
func (c *client) response() (string, error) {
	var b strings.Builder
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return "", err
		}
		line = strings.TrimSuffix(line, "\r\n")
		b.WriteString(line)
		n, ok := literal(line)
		if !ok {
			return b.String(), nil
		}
		b.WriteString("\r\n")
		if _, err := io.CopyN(&b, c.r, n); err != nil {
			return "", err
		}
	}
}

// literal returns the length announced at the end of a line.
func literal(line string) (int64, bool) {
	i := strings.LastIndexByte(line, '{')
	if i < 0 || !strings.HasSuffix(line, "}") {
		return 0, false
	}
	n, err := strconv.ParseInt(line[i+1:len(line)-1], 10, 64)
	return n, err == nil
}

// do sends a command and returns its untagged responses and the tagged one
// without the tag. Literals in the command are sent at once (LITERAL+).
func (c *client) do(format string, args ...any) (untagged []string, status string, err error) {
	c.tag++
	tag := "a" + strconv.Itoa(c.tag)
	c.SetDeadline(time.Now().Add(c.limit))
	if _, err := fmt.Fprintf(c, tag+" "+format+"\r\n", args...); err != nil {
		return nil, "", err
	}
	for {
		r, err := c.response()
		if err != nil {
			return untagged, "", err
		}
		if rest, ok := strings.CutPrefix(r, tag+" "); ok {
			return untagged, rest, nil
		}
		untagged = append(untagged, r)
	}
}

// must is do for a command that has to be answered with OK.
func (c *client) must(t testing.TB, format string, args ...any) []string {
	t.Helper()
	untagged, status, err := c.do(format, args...)
	if err != nil || !strings.HasPrefix(status, "OK") {
		t.Fatalf("%.80s: %s %v", fmt.Sprintf(format, args...), status, err)
	}
	return untagged
}

// append stores a message in INBOX and returns the tagged answer.
func (c *client) append(message string) (string, error) {
	_, status, err := c.do("APPEND INBOX {%d+}\r\n%s", len(message), message)
	return status, err
}

// exists selects a mailbox and returns how many messages it holds.
func (c *client) exists(t testing.TB, mailbox string) int {
	t.Helper()
	for _, r := range c.must(t, "SELECT %s", mailbox) {
		var n int
		if _, err := fmt.Sscanf(r, "* %d EXISTS", &n); err == nil {
			return n
		}
	}
	t.Fatalf("SELECT %s without EXISTS", mailbox)
	return 0
}

// status returns one STATUS item of a mailbox.
func (c *client) status(t testing.TB, mailbox, item string) int64 {
	t.Helper()
	for _, r := range c.must(t, "STATUS %s (%s)", mailbox, item) {
		if _, rest, ok := strings.Cut(r, "("+item+" "); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(rest, ")"), 10, 64)
			if err == nil {
				return n
			}
		}
	}
	t.Fatalf("STATUS %s without %s", mailbox, item)
	return 0
}

// carrier is an LMTP connection.
type carrier struct {
	net.Conn
	r *bufio.Reader
}

func lmtp(addr string) (*carrier, error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	c := &carrier{conn, bufio.NewReader(conn)}
	if _, err := c.reply(); err != nil {
		return nil, err
	}
	_, err = c.say("LHLO localhost")
	return c, err
}

// reply reads one answer, of several lines perhaps, and returns the last.
func (c *carrier) reply() (string, error) {
	c.SetDeadline(time.Now().Add(30 * time.Second))
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return "", err
		}
		if len(line) > 3 && line[3] != '-' {
			return strings.TrimSpace(line), nil
		}
	}
}

func (c *carrier) say(line string) (string, error) {
	if _, err := io.WriteString(c, line+"\r\n"); err != nil {
		return "", err
	}
	return c.reply()
}

// deliver hands a message over and returns the answer for the recipient.
func (c *carrier) deliver(to, message string) (string, error) {
	for _, line := range []string{"MAIL FROM:<sender@example.org>", "RCPT TO:<" + to + ">", "DATA"} {
		r, err := c.say(line)
		if err != nil || r[0] != '2' && r[0] != '3' {
			return r, err
		}
	}
	return c.say(message + "\r\n.")
}
