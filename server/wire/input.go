package wire

import (
	"fmt"
	"io"
	"time"
)

// ready returns when a byte is buffered.
func (c *Conn) ready() error {
	if c.r < c.w {
		return nil
	}
	return c.fill()
}

// fill reads from the socket into the empty buffer.
func (c *Conn) fill() error {
	if err := c.prepare(); err != nil {
		return err
	}
	c.buffer()
	n, err := c.recv(c.in[:])
	c.r, c.w = 0, n
	return c.received(n, err)
}

// buffer makes sure that there is an input buffer.
func (c *Conn) buffer() {
	if c.in == nil {
		c.in = inPool.Get().(*inBuffer)
	}
}

// prepare does what must be done before a read in the middle of a command may block.
func (c *Conn) prepare() error {
	if c.inErr != nil {
		return c.inErr
	}
	if err := c.Flush(); err != nil {
		c.inErr = err
		return err
	}
	// A client without TCP_NODELAY holds the rest of the command back until what it sent is acknowledged: Python's
	// imaplib takes 46 ms for an APPEND without this, and 1.2 ms with it.
	if !c.fresh {
		quickAck(c.ctl)
	}
	c.fresh = false
	c.raw.SetReadDeadline(c.deadline(time.Time{}))
	return nil
}

// received notes the end of a read. An error that came with bytes is met again by the next read.
func (c *Conn) received(n int, err error) error {
	switch {
	case n > 0:
		return nil
	case err == nil:
		c.inErr = io.ErrNoProgress
	case err == io.EOF:
		c.inErr = err
	default:
		c.inErr = fmt.Errorf("read from client: %w", err)
	}
	return c.inErr
}

// deadline returns the earliest of until, the autologout and the expiry; the zero time is never.
func (c *Conn) deadline(until time.Time) time.Time {
	if until.IsZero() && c.read > 0 {
		until = time.Now().Add(c.read)
	}
	if !c.expiry.IsZero() && (until.IsZero() || c.expiry.Before(until)) {
		return c.expiry
	}
	return until
}

// more returns when a byte of the command is buffered.
func (c *Conn) more() error {
	if c.lit.open {
		if err := c.lit.settle(); err != nil {
			return err
		}
	}
	if c.ended {
		return errEnd
	}
	return c.ready()
}

// take counts n buffered bytes as read by the command. It is so short that the compiler puts it in line: what is rare,
// somebody who listens or a line that is too long, is found by one comparison.
func (c *Conn) take(n int) error {
	c.r += n
	if c.left -= n; c.left < c.floor {
		return c.taken(n)
	}
	return nil
}

// taken is take where somebody listens, or the line is too long.
func (c *Conn) taken(n int) error {
	c.heard(c.in[c.r-n:c.r], false)
	if c.left < 0 {
		return errLine
	}
	return nil
}

// span reads the longest run of bytes of a class, at most max of them. The result may be empty, and holds until the next
// read.
func (c *Conn) span(class *class, max int) ([]byte, error) {
	var whole []byte
	for {
		if err := c.more(); err != nil {
			return nil, err
		}
		buf := c.in[c.r:c.w]
		n := 0
		for n < len(buf) && class[buf[n]] {
			n++
		}
		if len(whole)+n > max {
			return nil, errLine
		}
		if err := c.take(n); err != nil {
			return nil, err
		}
		if n < len(buf) && whole == nil {
			return buf[:n], nil
		}
		whole = append(whole, buf[:n]...)
		if n < len(buf) {
			return whole, nil
		}
	}
}

// refill reads more behind what is buffered, for a token that needs to see two bytes.
func (c *Conn) refill() error {
	if err := c.prepare(); err != nil {
		return err
	}
	c.w = copy(c.in[:], c.in[c.r:c.w])
	c.r = 0
	n, err := c.recv(c.in[c.w:])
	c.w += n
	return c.received(n, err)
}
