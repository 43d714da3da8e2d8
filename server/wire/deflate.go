package wire

import (
	"sync"

	"github.com/klauspost/compress/flate"
)

const (
	deflateLevel = 1       // mail shrinks to a third with it; higher levels cost much and win little
	historySize  = 8 << 10 // of what was sent, kept for what comes next to refer to
)

// deflater compresses one answer. It takes most of a megabyte, so the connections share them: one is taken for a Flush
// and given back, and what a connection keeps meanwhile is the end of what it sent.
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

// sendDeflated compresses b and writes it, to the last byte: it ends with a flush.
func (c *Conn) sendDeflated(b []byte) {
	d := deflatePool.Get().(*deflater)
	d.w.ResetDict(d, c.history)
	for rest := b; len(rest) > 0 && c.outErr == nil; {
		n := min(len(rest), writePiece)
		d.w.Write(rest[:n]) // never fails, for d.Write does not
		if rest = rest[n:]; len(rest) == 0 {
			d.w.Flush()
		}
		c.transmit(d.out)
		d.out = d.out[:0]
	}
	d.w.ResetDict(d, nil)
	deflatePool.Put(d)
	c.keepHistory(b)
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
