package wire

import "io"

// drained reports whether the compressed stream has ended and all that came with it was read.
func (z *inflater) drained() bool { return z.paused && z.nbits == 0 && z.r == z.w }

// fetch reads more compressed bytes, holding no buffer meanwhile if it is to be frugal.
func (z *inflater) fetch(frugal bool) error {
	if frugal && z.buf == nil {
		n, err := z.from.Read(z.one[:])
		if n > 0 {
			z.buf = inPool.Get().(*inBuffer)
			z.buf[0], z.r, z.w = z.one[0], 0, 1
			return nil
		}
		return noProgress(err)
	}
	if z.buf == nil {
		z.buf = inPool.Get().(*inBuffer)
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
func (z *inflater) release() {
	if z.buf != nil && z.r == z.w {
		inPool.Put(z.buf)
		z.buf, z.r, z.w = nil, 0, 0
	}
}

// need makes n bits ready, 32 at most, if they have come.
func (z *inflater) need(n uint) bool {
	for z.nbits <= 56 && z.r < z.w {
		z.bits |= uint64(z.buf[z.r]) << z.nbits
		z.r++
		z.nbits += 8
	}
	return z.nbits >= n
}

// take returns the next n bits, which are ready.
func (z *inflater) take(n uint) int {
	v := z.bits & (1<<n - 1)
	z.bits >>= n
	z.nbits -= n
	return int(v)
}

// raw copies whole bytes that stand for themselves. The bits are at the edge of a byte.
func (z *inflater) raw(p []byte) (n int) {
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
