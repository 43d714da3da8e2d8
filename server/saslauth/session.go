package saslauth

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// maxExchanges is how many logins one connection may have under way. The protocol has no word for a client that has
// left the MTA in the middle of one, so beyond that the oldest that waits for its client is given up.
const maxExchanges = 32

// session is one connection of an MTA. Its goroutine reads; every step of an exchange has one of its own, because it
// may have to wait.
type session struct {
	srv    *Server
	conn   net.Conn
	in     *bufio.Reader
	ctx    context.Context // of the connection, which has no other place for it
	cancel context.CancelFunc
	number uint64
	spoken bool // a version was given
	steps  sync.WaitGroup

	mu        sync.Mutex
	exchanges []*exchange // the oldest first; guarded by mu
}

func newSession(ctx context.Context, srv *Server, conn net.Conn) *session {
	c := &session{srv: srv, conn: conn, in: bufio.NewReaderSize(conn, maxLine), number: srv.conns.Add(1)}
	c.ctx, c.cancel = context.WithCancel(ctx)
	return c
}

// close waits for the steps that run, whose answers nobody will read.
func (c *session) close() {
	c.cancel()
	c.conn.Close()
	c.steps.Wait()
}

// run reads lines until the end; an error is what the other end did wrong.
func (c *session) run() error {
	c.write(c.handshake())
	for {
		c.conn.SetReadDeadline(time.Now().Add(c.srv.cfg.IdleTimeout))
		text, err := c.in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return errLine
		case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
		// Exim ends some lines with CRLF.
		command, rest, _ := strings.Cut(strings.TrimRight(string(text), "\r\n"), "\t")
		if err := c.obey(command, strings.Split(rest, "\t")); err != nil {
			return err
		}
	}
}

// handshake says at once all that a client must know; there is nothing in what it says that would change it.
func (c *session) handshake() string {
	var b strings.Builder
	b.WriteString("VERSION\t1\t2\n")
	for _, m := range c.srv.mechanisms {
		fmt.Fprintf(&b, "MECH\t%s\t%s\n", m.name, m.flag())
	}
	cookie := make([]byte, 16)
	rand.Read(cookie) // never fails
	fmt.Fprintf(&b, "SPID\t%d\nCUID\t%d\nCOOKIE\t%s\nDONE\n", os.Getpid(), c.number, hex.EncodeToString(cookie))
	return b.String()
}

// obey carries out one line. Commands that it does not know mean nothing to it.
func (c *session) obey(command string, args []string) error {
	switch command {
	case "VERSION":
		c.spoken = true
		return checkVersion(args)
	case "AUTH":
		if !c.spoken {
			return errVersion
		}
		r, err := parseAuth(args)
		if err != nil {
			return err
		}
		return c.begin(r)
	case "CONT":
		id, response, err := parseContinue(args)
		if err != nil {
			return err
		}
		return c.proceed(id, response)
	case "CANCEL":
		id, err := parseID(args[0])
		if err == nil {
			c.forget(id)
		}
		return err
	}
	return nil
}

// write sends lines whole, from whichever goroutine. A client that does not read is cut off.
func (c *session) write(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn.SetWriteDeadline(time.Now().Add(c.srv.cfg.WriteTimeout))
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.conn.Close()
	}
}
