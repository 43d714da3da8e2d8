package wire

import (
	"sync"

	"github.com/klauspost/compress/flate"
)

const (
	deflateLevel = 1       // mail shrinks to a third with it; higher levels cost much and win little
	shortPiece   = 160     // a Writer looks for no repetitions in less than 128 bytes
	historySize  = 4 << 10 // of what was sent, kept for what comes next to refer to
)

// deflater compresses one piece of an answer. It takes most of a megabyte, so the connections share as many as there are
// processors: one is taken for a piece, and nobody has it while the network waits. What a connection keeps is the end of
// what it sent.
type deflater struct {
	w   *flate.Writer
	out []byte
}

var deflatePool = sync.Pool{New: func() any {
	d := new(deflater)
	d.w, _ = flate.NewWriter(d, deflateLevel) // fails for a level that there is not
	return d
}}

// Write collects what the compressor puts out.
func (d *deflater) Write(p []byte) (int, error) {
	d.out = append(d.out, p...)
	return len(p), nil
}

// appendDeflated appends p compressed to its last byte, which is to say that it ends with a flush. What came before it
// ended so too, and history is the end of that.
func appendDeflated(dst, p, history []byte) []byte {
	d := deflatePool.Get().(*deflater)
	d.out = dst
	// Neither fails, for d.Write does not.
	if len(p) < shortPiece {
		flate.StatelessDeflate(d, p, false, history)
	} else {
		d.w.ResetDict(d, history)
		d.w.Write(p)
		d.w.Flush()
		d.w.ResetDict(d, nil)
	}
	dst, d.out = d.out, nil
	deflatePool.Put(d)
	return dst
}

// sendDeflated compresses b and writes it.
func (c *Conn) sendDeflated(b []byte) {
	out := outPool.Get().(*outBuffer)
	for len(b) > 0 && c.outErr == nil {
		n := min(len(b), writePiece)
		out.b = appendDeflated(out.b[:0], b[:n], c.history)
		c.keepHistory(b[:n])
		c.transmit(out.b)
		b = b[n:]
	}
	out.b = out.b[:0]
	outPool.Put(out)
}

// keepHistory notes the end of what was sent.
func (c *Conn) keepHistory(b []byte) {
	if len(b) >= historySize {
		c.history = append(c.history[:0], b[len(b)-historySize:]...)
		return
	}
	if over := len(c.history) + len(b) - historySize; over > 0 {
		c.history = c.history[:copy(c.history, c.history[over:])]
	}
	c.history = append(c.history, b...)
}
