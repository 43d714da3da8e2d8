package wire

import (
	"fmt"
	"time"
)

// Out returns the output collected so far, to be appended to and given back: c.SetOut(append(c.Out(), ...)).
func (c *Conn) Out() []byte {
	if c.out == nil {
		c.out = outPool.Get().(*outBuffer)
	}
	return c.out.b
}

// SetOut sets the output collected so far, and writes it when it has grown beyond Limits.Output. An error is that of
// Flush; it may be ignored, but a long answer should stop at it.
func (c *Conn) SetOut(b []byte) error {
	if c.out == nil {
		c.out = outPool.Get().(*outBuffer)
	}
	c.out.b = b
	if len(b) > c.limits.Output {
		return c.Flush()
	}
	return c.outErr
}

// Print appends the parts to the output as they are.
func (c *Conn) Print(parts ...string) error {
	b := c.Out()
	for _, p := range parts {
		b = append(b, p...)
	}
	return c.SetOut(b)
}

// Write appends p to the output, or writes it at once when it is large.
func (c *Conn) Write(p []byte) (int, error) {
	if len(p) <= c.limits.Output {
		return len(p), c.SetOut(append(c.Out(), p...))
	}
	if err := c.Flush(); err != nil {
		return 0, err
	}
	c.send(p)
	return len(p), c.outErr
}

// Flush writes what was collected. An error is final: the connection is of no more use, and output is thrown away from
// then on. Every read that may block flushes first, so handlers need it only to be seen at work.
func (c *Conn) Flush() error {
	if c.out == nil || len(c.out.b) == 0 {
		return c.outErr
	}
	c.send(c.out.b)
	c.out.b = c.out.b[:0]
	if cap(c.out.b) > outKeep {
		c.out = nil
	}
	return c.outErr
}

// send writes b, compressed if the client asked for that.
func (c *Conn) send(b []byte) {
	if c.taps.now != nil {
		c.taps.now.Server(b)
	}
	if c.Compressed() {
		c.sendDeflated(b)
		return
	}
	c.transmit(b)
}

// transmit writes b in pieces that each have the write timeout, so that a slow client gets a large message and a stuck
// one is found out.
func (c *Conn) transmit(b []byte) {
	for len(b) > 0 && c.outErr == nil {
		n := min(len(b), writePiece)
		c.renewWriteDeadline()
		c.bytesOut.Add(uint64(n))
		if _, err := c.sock.Write(b[:n]); err != nil {
			c.outErr = fmt.Errorf("write to client: %w", err)
		}
		b = b[n:]
	}
}

// renewWriteDeadline gives the next piece the write timeout, or a little less: moving a deadline costs as much as a small
// write, so it is moved when a quarter of it has gone.
func (c *Conn) renewWriteDeadline() {
	if c.write <= 0 {
		return
	}
	now := time.Now()
	if c.writeUntil.Sub(now) < c.write-c.write/4 {
		c.writeUntil = now.Add(c.write)
		c.raw.SetWriteDeadline(c.writeUntil)
	}
}

// Continue appends a continuation request. The Line or token that reads the answer sends it.
func (c *Conn) Continue(text string) {
	// RFC 3501, 7.5: the space belongs to the request even when no text follows, and clients insist on it.
	c.Print("+ ", text, "\r\n")
}
