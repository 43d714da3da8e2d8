package wire

import (
	"math"
	"sync/atomic"
)

// Tap is told what goes over a connection, in the clear and as the connection understands it, on the connection's
// goroutine.
type Tap interface {
	Begin()                        // the client's next byte begins a command
	Client(b []byte, literal bool) // these bytes were read: of a literal, or of a line
	Server(b []byte)               // these are written
	End()                          // there will be no more
}

// taps is how a connection finds out who listens.
type taps struct {
	changes *atomic.Uint64
	find    func() Tap
	seen    uint64
	stale   bool
	now     Tap // nil: nobody does
}

// SetTaps has find called, between two lines, whenever changes has another value than before; it returns who listens from
// there on, nil for nobody. As long as nobody does, this costs one look at changes for each command.
func (c *Conn) SetTaps(changes *atomic.Uint64, find func() Tap) {
	c.taps = taps{changes: changes, find: find, stale: changes.Load() > 0}
}

// Retap has find called before the next command: what it depends on is another.
func (c *Conn) Retap() { c.taps.stale = true }

// tap finds out who listens. Nothing may be half read.
func (c *Conn) tap() {
	t := &c.taps
	if t.changes == nil || t.changes.Load() == t.seen && !t.stale {
		return
	}
	c.Flush() // it is for who has listened so far
	t.seen, t.stale = t.changes.Load(), false
	t.now, c.floor = t.find(), 0
	if t.now != nil {
		c.floor = math.MaxInt // see take
	}
}

// heard tells of bytes that were read.
func (c *Conn) heard(b []byte, literal bool) {
	if c.taps.now != nil {
		c.taps.now.Client(b, literal)
	}
}
