package wire

import (
	"errors"
	"os"
	"time"
)

// Event is what ended a Wait.
type Event int

// What Wait waits for.
const (
	Input       Event = iota + 1 // the client has sent something: read it with Line
	Interrupted                  // Interrupt was called
	Timeout                      // the time has come
)

// wake is what other goroutines have to say to the one that waits.
type wake struct {
	waiting       bool // in a read that moving the deadline ends
	interruptible bool // by Interrupt also, not only by Shutdown
	interrupted   bool // Interrupt was called and not yet reported
	quitting      bool
	quit          string // the farewell
}

// Wait blocks, with the output flushed and no buffer held, until the client sends something, Interrupt is called, or until has
// come; the zero time is never, and the autologout does not apply. An interrupt that comes when nobody waits is kept for
// the next Wait. After an error the handler returns.
func (c *Conn) Wait(until time.Time) (Event, error) {
	if until.IsZero() || !c.expiry.IsZero() && c.expiry.Before(until) {
		until = c.expiry
	}
	return c.await(until, true, true)
}

// Interrupt ends the Wait of this connection, now or when it comes. It never blocks. Any goroutine may call it.
func (c *Conn) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake.interrupted = true
	if c.wake.waiting && c.wake.interruptible {
		c.raw.SetReadDeadline(past())
	}
}

// Shutdown ends the connection with an untagged BYE and the text as soon as no command is running; IDLE is told by
// ErrShutdown. It never blocks. Any goroutine may call it.
func (c *Conn) Shutdown(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wake.quitting {
		return
	}
	c.wake.quitting, c.wake.quit = true, text
	if c.wake.waiting {
		c.raw.SetReadDeadline(past())
	}
}

// past is a deadline that ends a read at once.
func past() time.Time { return time.Unix(1, 0) }

// defaultPatience is how long a connection keeps its buffers while it waits for a command: a busy client is served with
// one read a command, and an idle one costs no memory.
const defaultPatience = 2 * time.Second

// command blocks until the next command begins to arrive, an interrupt comes that SetAlert wants to know of, or until has
// come.
func (c *Conn) command(until time.Time) (Event, error) {
	if c.r < c.w {
		return c.await(time.Time{}, false, false)
	}
	alert := c.alert != nil
	if soon := time.Now().Add(c.patience); until.IsZero() || soon.Before(until) {
		if event, err := c.await(soon, alert, false); event != Timeout || err != nil {
			return event, err
		}
	}
	return c.await(until, alert, true)
}

// await blocks until input is there, holding no buffer meanwhile if it is to be frugal. It flushes, unless there is input
// already: more output may follow soon.
func (c *Conn) await(until time.Time, interruptible, frugal bool) (Event, error) {
	if c.r == c.w {
		if err := c.Flush(); err != nil {
			return 0, err
		}
	}
	if event, err := c.enter(until, interruptible, frugal); event != 0 || err != nil {
		if event == Interrupted { // before the wait began
			c.tap()
		}
		return event, err
	}
	n, err := c.listen(frugal)
	interrupted, quitting := c.leave()
	c.tap()
	switch {
	case n > 0:
		return Input, nil
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return 0, c.received(0, err)
	case quitting:
		return 0, ErrShutdown
	case interruptible && interrupted:
		c.clearInterrupt()
		return Interrupted, nil
	}
	return Timeout, nil
}

// listen reads what comes first.
func (c *Conn) listen(frugal bool) (n int, err error) {
	if !frugal {
		c.buffer()
		n, err = c.recv(c.in[:])
		c.r, c.w = 0, n
		return n, err
	}
	if n, err = c.recv(c.one[:]); n > 0 {
		c.buffer()
		c.in[0], c.r, c.w = c.one[0], 0, n
		c.fresh = true
	}
	return n, err
}

// enter starts a wait, unless there is a reason not to.
func (c *Conn) enter(until time.Time, interruptible, frugal bool) (Event, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.wake.quitting:
		return 0, ErrShutdown
	case c.inErr != nil:
		return 0, c.inErr
	case c.r < c.w:
		return Input, nil
	case interruptible && c.wake.interrupted:
		c.wake.interrupted = false
		return Interrupted, nil
	}
	if frugal {
		c.release()
	}
	c.wake.waiting, c.wake.interruptible = true, interruptible
	// A TLS connection survives a read that timed out, a half received record included.
	c.raw.SetReadDeadline(until)
	return 0, nil
}

// leave ends a wait. From here on nobody else moves the deadline, and the next read sets its own.
func (c *Conn) leave() (interrupted, quitting bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake.waiting = false
	return c.wake.interrupted, c.wake.quitting
}

func (c *Conn) clearInterrupt() {
	c.mu.Lock()
	c.wake.interrupted = false
	c.mu.Unlock()
}
