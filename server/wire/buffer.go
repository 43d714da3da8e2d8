package wire

import (
	"sync"

	"satchel/server/wire/inflate"
)

const (
	inSize     = inflate.MaxAhead // one read of the socket; larger pieces of a literal go past the buffer
	outSize    = 4 << 10          // an output buffer starts with this
	outKeep    = 512 << 10        // an output buffer that has grown beyond this is left to the garbage collector
	writePiece = 64 << 10         // bytes that must leave within one write timeout
)

type inBuffer [inSize]byte

type outBuffer struct{ b []byte }

// The pools hold buffers between commands, so that a connection that waits for its client costs none.
var (
	inPool  = sync.Pool{New: func() any { return new(inBuffer) }}
	outPool = sync.Pool{New: func() any { return &outBuffer{make([]byte, 0, outSize)} }}
)

// release gives back the buffers that hold nothing.
func (c *Conn) release() {
	if c.in != nil && c.r == c.w {
		inPool.Put(c.in)
		c.in = nil
		c.r, c.w = 0, 0
	}
	if c.out != nil && len(c.out.b) == 0 {
		if cap(c.out.b) <= outKeep {
			outPool.Put(c.out)
		}
		c.out = nil
	}
}
