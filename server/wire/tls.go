package wire

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	// handshakeTime bounds the handshake of a connection that is TLS from the start.
	handshakeTime = 30 * time.Second
	// A connection that we end lingers this long, and takes this much, for the client to read our last words.
	lingerTime  = time.Second
	lingerBytes = 1 << 20
)

// TLS returns the state of TLS, or nil on a plain connection.
func (c *Conn) TLS() *tls.ConnectionState {
	t, ok := c.sock.(*tls.Conn)
	if !ok {
		return nil
	}
	state := t.ConnectionState()
	return &state
}

// StartTLS writes the output (the tagged OK is the last of it), throws away what the client sent before the handshake,
// and shakes hands within the timeout. After an error the connection is of no more use.
func (c *Conn) StartTLS(cfg *tls.Config, timeout time.Duration) error {
	if err := c.Flush(); err != nil {
		return err
	}
	// RFC 3501, 6.2.1 and CVE-2011-0411: nothing that came in the clear may be taken for part of the protected session.
	c.r, c.w = 0, 0
	c.lit, c.ended = Literal{}, true
	c.dropInflater()
	c.sock = tls.Server(c.raw, cfg)
	return c.shake(timeout)
}

// handshake does the handshake of a connection that is TLS from the start, before anything is written: it needs a
// deadline of its own.
func (c *Conn) handshake() error {
	if c.shaken {
		return nil
	}
	return c.shake(handshakeTime)
}

func (c *Conn) shake(timeout time.Duration) error {
	if c.read > 0 {
		timeout = min(timeout, c.read)
	}
	c.raw.SetDeadline(time.Now().Add(timeout))
	if err := c.sock.(*tls.Conn).Handshake(); err != nil {
		c.inErr = fmt.Errorf("TLS handshake: %w", err)
		c.outErr = c.inErr
		return c.inErr
	}
	c.raw.SetDeadline(time.Time{})
	c.writeUntil = time.Time{}
	c.shaken = true
	c.version.Store(uint32(c.TLS().Version))
	if c.secured != nil {
		c.secured()
	}
	return nil
}

// fail ends a connection that cannot be told about it.
func (c *Conn) fail(err error) {
	if err != io.EOF && !errors.Is(err, net.ErrClosed) {
		c.cause = err
	}
	c.release()
}

// linger ends the output of TLS and of TCP, and reads on for a moment: a socket that is closed with input unread is
// reset, and the reset may overtake the last words.
func (c *Conn) linger() {
	if c.Flush() != nil {
		return
	}
	c.raw.SetDeadline(time.Now().Add(lingerTime))
	// RFC 8446, 6.1: without close_notify the client must take the end for an attack.
	if t, ok := c.sock.(*tls.Conn); ok && t.CloseWrite() != nil {
		return
	}
	half, ok := c.raw.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.buffer()
	for n := 0; n < lingerBytes; {
		m, err := c.raw.Read(c.in[:])
		if err != nil {
			break
		}
		n += m
	}
	c.r, c.w = 0, 0
}
