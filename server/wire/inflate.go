package wire

import (
	"errors"
	"fmt"
	"io"
)

// windowSize is how far back DEFLATE may refer. An inflater begins with less, and has this much once that many bytes
// went through it.
const (
	windowSize  = 32 << 10
	windowStart = 1 << 10
)

// errDeflate ends a connection whose client sends what is not DEFLATE.
var errDeflate = errors.New("compressed data is damaged")

// errEndless is a block whose code has no word for its end. zlib takes none either; Go's inflater reads on.
var errEndless = fmt.Errorf("%w: a block has no end", errDeflate)

// inflater reads DEFLATE (RFC 1951). It never waits while a byte can be decoded from what has come: compress/flate, and
// what is made like it, keeps the end of a command back when the client ends it with Z_PARTIAL_FLUSH, and iOS then waits
// for ever. A Read decodes at most as much as it is asked for, so there is no bomb. A read that timed out can be tried
// again: nothing is lost.
type inflater struct {
	from io.Reader

	buf  *inBuffer // compressed bytes; nil while there are none
	r, w int       // buf[r:w] is not decoded yet
	one  [1]byte   // what a wait without buffer reads into

	bits  uint64 // taken from buf, the first bit lowest
	nbits uint

	state  inflateState
	final  bool // the block is the last one
	paused bool // at the end of a block that is empty and stored, which is what a flush leaves
	left   int  // bytes left of a stored block, or of a match
	dist   int  // of the match

	codes  *codes // of a block with Huffman codes
	lens   codeLengths
	window []byte // a ring; its size is a power of two
	unmap  func() // gives the window back; nil where the garbage collector does
	total  int    // bytes that went through it

	off bool // the client stops compressing: at this flush, or else the next
}

type inflateState uint8

const (
	atHeader inflateState = iota
	atStored
	inStored
	atLengths
	inLengths
	inBlock
	inMatch
	atEnd
)

// Read decodes at least one byte, and returns at a flush of the client's compressor.
func (z *inflater) Read(p []byte) (int, error) {
	for frugal := len(p) == 1; len(p) > 0; frugal = false {
		n, err := z.next(p)
		if n > 0 || err != nil {
			z.release()
			return n, err
		}
		if z.paused && (z.nbits > 0 || z.r < z.w) {
			continue // at a flush, and nothing since the one before
		}
		if err := z.fetch(frugal); err != nil {
			z.release()
			return 0, err
		}
	}
	return 0, nil
}

// next decodes, or copies once the client has stopped compressing.
func (z *inflater) next(p []byte) (n int, err error) {
	if z.off && z.paused {
		return z.raw(p), nil
	}
	return z.decode(p)
}

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

// decode decodes into p until that is full, the input used up or a flush met.
func (z *inflater) decode(p []byte) (n int, err error) {
	z.paused = false
	for n < len(p) && !z.paused {
		m, more, err := z.step(p[n:])
		n += m
		if err != nil {
			return n, err
		}
		if !more {
			break
		}
	}
	return n, nil
}

// step goes one state further, and says whether there was enough input for it.
func (z *inflater) step(p []byte) (n int, more bool, err error) {
	switch z.state {
	case atHeader:
		return z.header()
	case atStored:
		return z.storedHeader()
	case inStored:
		n = z.raw(p[:min(len(p), z.left)])
		z.remember(p[:n])
		if z.left -= n; z.left == 0 {
			z.endBlock()
		}
		return n, n > 0, nil
	case atLengths, inLengths:
		more, err = z.readLengths()
		return 0, more, err
	case inBlock:
		return z.symbols(p)
	case inMatch:
		n = z.match(p)
		return n, true, nil
	}
	if z.need(1) {
		return 0, false, errDeflate // something after the last block
	}
	return 0, false, nil
}

// header reads what kind of block comes. RFC 1951, 3.2.3.
func (z *inflater) header() (int, bool, error) {
	if !z.need(3) {
		return 0, false, nil
	}
	z.final = z.take(1) == 1
	switch z.take(2) {
	case 0:
		z.take(z.nbits % 8)
		z.state = atStored
	case 1:
		z.codes, z.state = fixedCodes(), inBlock
	case 2:
		z.state = atLengths
	default:
		return 0, false, errDeflate
	}
	return 0, true, nil
}

// storedHeader: RFC 1951, 3.2.4.
func (z *inflater) storedHeader() (int, bool, error) {
	if !z.need(32) {
		return 0, false, nil
	}
	size, check := z.take(16), z.take(16)
	if size != check^0xffff {
		return 0, false, errDeflate
	}
	if z.left = size; size > 0 {
		z.state = inStored
		return 0, true, nil
	}
	z.endBlock()
	z.paused = true
	return 0, true, nil
}

func (z *inflater) endBlock() {
	z.dropCodes()
	z.state = atHeader
	if z.final {
		z.take(z.nbits % 8)
		z.state, z.paused = atEnd, true
	}
}

// remember puts decoded bytes into the window.
func (z *inflater) remember(p []byte) {
	for _, b := range p {
		z.put(b)
	}
}

func (z *inflater) put(b byte) {
	if z.total >= len(z.window) && len(z.window) < windowSize {
		z.grow()
	}
	z.window[z.total&(len(z.window)-1)] = b
	z.total++
}

// grow doubles the window, which is full and has not come round yet.
func (z *inflater) grow() {
	size := max(windowStart, 2*len(z.window))
	var wider []byte
	if size == windowSize {
		wider = z.wholeWindow()
	} else {
		wider = make([]byte, size)
	}
	copy(wider, z.window)
	z.window = wider
}

// close gives back what z holds. Nothing can be read any more.
func (z *inflater) close() {
	z.r = z.w
	z.release()
	z.dropCodes()
	z.window, z.state, z.nbits = nil, atEnd, 0
	if z.unmap != nil {
		z.unmap()
		z.unmap = nil
	}
}

// match copies what is left of a match, as far as it fits.
func (z *inflater) match(p []byte) int {
	n := min(len(p), z.left)
	for i := range p[:n] {
		b := z.window[(z.total-z.dist)&(len(z.window)-1)]
		p[i] = b
		z.put(b)
	}
	if z.left -= n; z.left == 0 {
		z.state = inBlock
	}
	return n
}
