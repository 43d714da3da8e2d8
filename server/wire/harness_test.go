package wire

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait of a test; nothing takes that long unless it hangs.
const patience = 20 * time.Second

// peer is the client's side of a served connection.
type peer struct {
	t *testing.T
	net.Conn
	r     *bufio.Reader
	frame *Conn         // the server's side; for Interrupt, Shutdown and what tests may look at after done
	done  chan struct{} // closed when the server's side has ended
}

// loopback returns the two ends of a connection.
func loopback(t testing.TB) (server, client net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return server, client
}

// serve connects over loopback to a small server, which setup may change before it says anything.
func serve(t *testing.T, setup func(*Conn)) *peer {
	t.Helper()
	return serveOn(t, setup, nil)
}

func serveOn(t *testing.T, setup func(*Conn), implicit *tls.Config) *peer {
	t.Helper()
	sock, client := loopback(t)
	if implicit != nil {
		sock = tls.Server(sock, implicit)
	}
	c := NewConn(sock)
	c.SetTimeouts(patience, patience)
	if setup != nil {
		setup(c)
	}
	p := &peer{t: t, Conn: client, r: bufio.NewReader(client), frame: c, done: make(chan struct{})}
	client.SetDeadline(time.Now().Add(patience))
	go func() {
		defer close(p.done)
		run(c, sampleCommands)
	}()
	t.Cleanup(func() {
		client.Close()
		c.Close()
		<-p.done
	})
	return p
}

// run does what go-imap and a session do: read a name, let its handler pull the arguments, answer.
func run(c *Conn, commands map[string]func(*Conn) error) {
	face := c.Face()
	defer face.Close()
	lines := bufio.NewReader(face)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		name, ok := strings.CutPrefix(strings.TrimSuffix(line, "\r\n"), fedTag+" ")
		if !ok || name != c.Name() {
			panic(fmt.Sprintf("go-imap was given %q", line))
		}
		answer(c, commands[name])
	}
}

func answer(c *Conn, handle func(*Conn) error) {
	err := error(&SyntaxError{Text: "unknown command"})
	if handle != nil {
		err = handle(c)
	}
	var syntax *SyntaxError
	switch {
	case errors.As(err, &syntax):
		code := ""
		if syntax.Code != "" {
			code = "[" + syntax.Code + "] "
		}
		c.Print(c.Tag(), " BAD ", code, syntax.Text, "\r\n")
		c.Fault()
	case err == nil:
		c.Print(c.Tag(), " OK ", c.Name(), " completed\r\n")
	}
}

var sampleCommands = map[string]func(*Conn) error{
	"NOOP":   (*Conn).EOL,
	"IGNORE": func(c *Conn) error { return nil },
	"LOGIN": func(c *Conn) error {
		user, err := argument(c, c.AString)
		if err != nil {
			return err
		}
		password, err := argument(c, c.AString)
		if err != nil {
			return err
		}
		c.Print("* ", fmt.Sprintf("%q %q", user, password), "\r\n")
		return c.EOL()
	},
	"TREE": func(c *Conn) error {
		if err := c.SP(); err != nil {
			return err
		}
		if err := tree(c); err != nil {
			return err
		}
		return c.EOL()
	},
	"APPEND": func(c *Conn) error {
		if err := c.SP(); err != nil {
			return err
		}
		l, err := c.Literal()
		if err != nil {
			return err
		}
		if l.Size == 13 {
			return &SyntaxError{Text: "not that many"}
		}
		n, err := io.Copy(struct{ io.Writer }{io.Discard}, l)
		if err != nil {
			return err
		}
		c.Print("* ", fmt.Sprint(n), " bytes\r\n")
		return c.EOL()
	},
	"BIG": func(c *Conn) error {
		n, err := argument(c, c.Number)
		if err != nil {
			return err
		}
		line := strings.Repeat("x", 1022) + "\r\n"
		for range n {
			if err := c.Print(line); err != nil {
				return err
			}
		}
		return c.EOL()
	},
	"IDLE": idle,
	"WORK": work,
	"STARTTLS": func(c *Conn) error {
		if err := c.EOL(); err != nil {
			return err
		}
		c.Print(c.Tag(), " OK begin\r\n")
		if err := c.StartTLS(serverTLS(), patience); err != nil {
			return err
		}
		return errors.New("answered already")
	},
	"COMPRESS": func(c *Conn) error {
		if err := c.EOL(); err != nil {
			return err
		}
		if c.TextFollows() {
			return &SyntaxError{Text: "wait"}
		}
		c.Print(c.Tag(), " OK begin\r\n")
		if err := c.Compress(); err != nil {
			return err
		}
		return errors.New("answered already")
	},
	"UNCOMPRESS": func(c *Conn) error {
		if err := c.EOL(); err != nil {
			return err
		}
		c.Print(c.Tag(), " OK end\r\n")
		if err := c.Uncompress(); err != nil {
			return err
		}
		return errors.New("answered already")
	},
	"LOGOUT": func(c *Conn) error {
		if err := c.EOL(); err != nil {
			return err
		}
		c.Bye("Logging out")
		return nil
	},
}

func argument[T any](c *Conn, read func() (T, error)) (T, error) {
	if err := c.SP(); err != nil {
		var zero T
		return zero, err
	}
	return read()
}

// tree reads nested lists of strings.
func tree(c *Conn) error {
	if c.Peek() == '(' {
		return c.List(func() error { return tree(c) })
	}
	_, err := c.AString()
	return err
}

func idle(c *Conn) error {
	if err := c.EOL(); err != nil {
		return err
	}
	c.Continue("idling")
	for {
		event, err := c.Wait(time.Now().Add(patience))
		if err != nil {
			return err
		}
		switch event {
		case Interrupted:
			c.Print("* news\r\n")
			continue
		case Timeout:
			return errors.New("nothing came")
		}
		line, err := c.Line(10)
		if err == nil && !strings.EqualFold(string(line), "DONE") {
			err = &SyntaxError{Text: "expected DONE"}
		}
		return err
	}
}

// work goes on until the client has sent its next command, or is gone.
func work(c *Conn) error {
	if err := c.EOL(); err != nil {
		return err
	}
	c.Print("* working\r\n")
	if err := c.Flush(); err != nil {
		return err
	}
	for c.r == c.w {
		if err := c.Gone(); err != nil {
			return err
		}
		runtime.Gosched()
	}
	return nil
}

// send writes to the server.
func (p *peer) send(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p, s); err != nil {
		p.t.Fatalf("send: %v", err)
	}
}

// expect reads lines and compares each with the beginning it is to have.
func (p *peer) expect(prefixes ...string) {
	p.t.Helper()
	for _, want := range prefixes {
		line, err := p.r.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, want) {
			p.t.Fatalf("got %q (%v), want %q", line, err, want)
		}
		if !strings.HasSuffix(line, "\r\n") {
			p.t.Fatalf("%q does not end in CRLF", line)
		}
	}
}

// expectEnd reads to an orderly end of the connection.
func (p *peer) expectEnd() {
	p.t.Helper()
	if rest, err := io.ReadAll(p.r); err != nil || len(rest) > 0 {
		p.t.Fatalf("got %q (%v), want the end", rest, err)
	}
	p.Close()
}

// lockstep sends a command and expects its answer to be the next thing that comes.
func (p *peer) lockstep() {
	p.t.Helper()
	p.send("step NOOP\r\n")
	p.expect("step OK")
}

// secure does the client's side of a handshake.
func (p *peer) secure() {
	p.t.Helper()
	c := tls.Client(p.Conn, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		p.t.Fatal(err)
	}
	p.Conn, p.r = c, bufio.NewReader(c)
}

// serverTLS is a configuration with a certificate of its own.
var serverTLS = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
})

func postAuth(c *Conn) { c.SetLimits(PostAuth(100 << 20)) }

// pipe returns a frame over loopback that nobody serves, and the client's end.
func pipe(t testing.TB) (*Conn, net.Conn) {
	t.Helper()
	sock, client := loopback(t)
	c := NewConn(sock)
	client.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() {
		client.Close()
		c.Close()
	})
	return c, client
}

func readLine(r io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for b[0] != '\n' {
		if _, err := r.Read(b[:]); err != nil {
			return string(line), err
		}
		line = append(line, b[0])
	}
	return string(line), nil
}
