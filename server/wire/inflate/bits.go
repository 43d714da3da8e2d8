package inflate

import (
	"io"
	"sync"
)

// MaxAhead is how much New takes ahead, in bytes.
const MaxAhead = 4 << 10

// buffer takes one read of what is below, or what New is given.
type buffer [MaxAhead]byte

// bufferPool holds buffers between reads, so that a connection that waits for its client costs none.
var bufferPool = sync.Pool{New: func() any { return new(buffer) }}

// Drained reports whether the compressed stream is at a flush, or has ended, and all that came with it was read.
func (z *Reader) Drained() bool { return z.paused && z.nbits == 0 && z.r == z.w }

// fetch reads more compressed bytes, holding no buffer meanwhile if it is to be frugal.
func (z *Reader) fetch(frugal bool) error {
	if frugal && z.buf == nil {
		n, err := z.from.Read(z.one[:])
		if n > 0 {
			z.buf = bufferPool.Get().(*buffer)
			z.buf[0], z.r, z.w = z.one[0], 0, 1
			return nil
		}
		return noProgress(err)
	}
	if z.buf == nil {
		z.buf = bufferPool.Get().(*buffer)
	}
	n, err := z.from.Read(z.buf[:])
	z.r, z.w = 0, n
	if n > 0 {
		return nil
	}
	return noProgress(err)
}

func noProgress(err error) error {
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// release gives back the buffer when it holds nothing.
func (z *Reader) release() {
	if z.buf != nil && z.r == z.w {
		bufferPool.Put(z.buf)
		z.buf, z.r, z.w = nil, 0, 0
	}
}

// need makes n bits ready, 32 at most, if they have come.
func (z *Reader) need(n uint) bool {
	for z.nbits <= 56 && z.r < z.w {
		z.bits |= uint64(z.buf[z.r]) << z.nbits
		z.r++
		z.nbits += 8
	}
	return z.nbits >= n
}

// take returns the next n bits, which are ready.
func (z *Reader) take(n uint) int {
	v := z.bits & (1<<n - 1)
	z.bits >>= n
	z.nbits -= n
	return int(v)
}

// raw copies whole bytes that stand for themselves. The bits are at the edge of a byte.
func (z *Reader) raw(p []byte) (n int) {
	for n < len(p) && z.nbits > 0 {
		p[n] = byte(z.take(8))
		n++
	}
	if z.buf != nil {
		m := copy(p[n:], z.buf[z.r:z.w])
		z.r += m
		n += m
	}
	return n
}
