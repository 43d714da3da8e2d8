// Package inflate reads DEFLATE (RFC 1951) as it comes over a network: it never waits while a byte can be decoded from what
// has come. The inflaters of the libraries keep the end of a command back when the client ends it with Z_PARTIAL_FLUSH, as
// iOS does, and then both sides wait for ever.
//
// A Reader belongs to one goroutine. It holds up to 40 KiB while something is under way, and no more whatever the client
// sends: a Read decodes only as much as it is asked for.
package inflate

import (
	"errors"
	"fmt"
	"io"
)

// ErrDamaged says that what came is not DEFLATE.
var ErrDamaged = errors.New("compressed data is damaged")

// errEndless is a block whose code has no word for its end. zlib takes none either; Go's inflater reads on.
var errEndless = fmt.Errorf("%w: a block has no end", ErrDamaged)

// Reader decodes what another reader gives. After an error of that one, such as a timeout, it can be tried again: nothing
// is lost.
type Reader struct {
	from io.Reader

	buf  *buffer // compressed bytes; nil while there are none
	r, w int     // buf[r:w] is not decoded yet
	one  [1]byte // what a wait without buffer reads into

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

	off bool // Stop was called
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

// New makes a Reader of from, of which ahead, at most MaxAhead bytes, has been read already.
func New(from io.Reader, ahead []byte) *Reader {
	z := &Reader{from: from}
	if len(ahead) > 0 {
		z.buf = bufferPool.Get().(*buffer)
		z.w = copy(z.buf[:], ahead)
	}
	return z
}

// Read decodes at least one byte, and returns at a flush of the compressor on the other side. Its errors are those of the
// reader below and ErrDamaged. A Read of a single byte holds no buffer while it waits for the first.
func (z *Reader) Read(p []byte) (int, error) {
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
func (z *Reader) next(p []byte) (n int, err error) {
	if z.off && z.paused {
		return z.raw(p), nil
	}
	return z.decode(p)
}

// decode decodes into p until that is full, the input used up or a flush met.
func (z *Reader) decode(p []byte) (n int, err error) {
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
func (z *Reader) step(p []byte) (n int, more bool, err error) {
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
		return 0, false, ErrDamaged // something after the last block
	}
	return 0, false, nil
}

// header reads what kind of block comes. RFC 1951, 3.2.3.
func (z *Reader) header() (int, bool, error) {
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
		return 0, false, ErrDamaged
	}
	return 0, true, nil
}

// storedHeader: RFC 1951, 3.2.4.
func (z *Reader) storedHeader() (int, bool, error) {
	if !z.need(32) {
		return 0, false, nil
	}
	size, check := z.take(16), z.take(16)
	if size != check^0xffff {
		return 0, false, ErrDamaged
	}
	if z.left = size; size > 0 {
		z.state = inStored
		return 0, true, nil
	}
	z.endBlock()
	z.paused = true
	return 0, true, nil
}

func (z *Reader) endBlock() {
	z.dropCodes()
	z.state = atHeader
	if z.final {
		z.take(z.nbits % 8)
		z.state, z.paused = atEnd, true
	}
}

// Stop says that the other side stops compressing: at this flush, or else the next. What comes after it is given as it is.
func (z *Reader) Stop() { z.off = true }

// Stopped reports whether Stop was called.
func (z *Reader) Stopped() bool { return z.off }

// Close gives back what z holds. Nothing can be read any more.
func (z *Reader) Close() {
	z.r = z.w
	z.release()
	z.dropCodes()
	z.window, z.state, z.nbits = nil, atEnd, 0
	if z.unmap != nil {
		z.unmap()
		z.unmap = nil
	}
}
