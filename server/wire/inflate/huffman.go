package inflate

import (
	"math/bits"
	"sync"
)

const (
	maxCode   = 15  // bits of the longest Huffman code
	quickBits = 9   // codes up to this long are found with one look
	literals  = 288 // codes of literals and lengths, two of which stand for nothing
	distances = 32  // codes of distances, likewise
	endCode   = 256 // the end of a block
)

// huffman decodes one canonical code (RFC 1951, 3.2.2).
type huffman struct {
	quick  [1 << quickBits]uint16 // symbol<<4 | length by the next bits; 0 where the code is longer
	count  [maxCode + 1]uint16    // codes by length
	symbol [literals]uint16       // in the order of their codes
}

// codes are those of one block.
type codes struct{ literal, distance huffman }

var codesPool = sync.Pool{New: func() any { return new(codes) }}

// fixedCodes are those of RFC 1951, 3.2.6.
var fixedCodes = sync.OnceValue(func() *codes {
	var lens [literals + distances]uint8
	for i := range lens {
		switch {
		case i >= literals:
			lens[i] = 5
		case i < 144 || i >= 280:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		default:
			lens[i] = 7
		}
	}
	c := new(codes)
	c.literal.build(lens[:literals])
	c.distance.build(lens[literals:])
	return c
})

// build makes the code whose symbols have these lengths, 0 for those that are not used. False means that there is no
// such code. One with a single symbol, or none, may leave the other half unused.
func (h *huffman) build(lens []uint8) bool {
	h.count = [maxCode + 1]uint16{}
	for _, n := range lens {
		h.count[n]++
	}
	unused := int(h.count[0])
	h.count[0] = 0
	room, code := 1, 0
	var next, index [maxCode + 2]int
	for n := 1; n <= maxCode; n++ {
		if room = 2*room - int(h.count[n]); room < 0 {
			return false
		}
		code = (code + int(h.count[n-1])) << 1
		next[n] = code
		index[n+1] = index[n] + int(h.count[n])
	}
	if room > 0 && len(lens)-unused > 1 {
		return false
	}
	h.quick = [1 << quickBits]uint16{}
	for s, n := range lens {
		if n == 0 {
			continue
		}
		h.symbol[index[n]] = uint16(s)
		index[n]++
		h.fill(uint(next[n]), uint(n), uint16(s))
		next[n]++
	}
	return true
}

// fill enters a code wherever it is what the next bits begin with.
func (h *huffman) fill(code, n uint, symbol uint16) {
	if n > quickBits {
		return
	}
	first := uint(bits.Reverse16(uint16(code)) >> (16 - n))
	for i := first; i < 1<<quickBits; i += 1 << n {
		h.quick[i] = symbol<<4 | uint16(n)
	}
}

// decode finds the symbol that the lowest of nbits bits stand for, and how many they are: 0 when more are needed to
// tell, and more than maxCode when they stand for nothing.
func (h *huffman) decode(b uint64, nbits uint) (symbol int, n uint) {
	if e := h.quick[b&(1<<quickBits-1)]; e != 0 {
		if n = uint(e & 15); n > nbits {
			return 0, 0
		}
		return int(e >> 4), n
	}
	code, first, index := 0, 0, 0
	for n = 1; n <= maxCode; n++ {
		if n > nbits {
			return 0, 0
		}
		code |= int(b & 1)
		b >>= 1
		count := int(h.count[n])
		if code-first < count {
			return int(h.symbol[index+code-first]), n
		}
		index, first, code = index+count, (first+count)<<1, code<<1
	}
	return 0, maxCode + 1
}

// RFC 1951, 3.2.5: lengths and distances, and how many bits are added to each.
var (
	lengthBase    = [...]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = [...]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = [...]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [...]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// symbols decodes literals, up to a match, the end of the block, or the end of input or room.
func (z *Reader) symbols(p []byte) (n int, more bool, err error) {
	for n < len(p) {
		z.need(maxCode)
		s, used := z.codes.literal.decode(z.bits, z.nbits)
		switch {
		case used == 0:
			return n, false, nil
		case used > maxCode:
			return n, false, ErrDamaged
		case s < endCode:
			z.take(used)
			p[n] = byte(s)
			z.put(byte(s))
			n++
		case s == endCode:
			z.take(used)
			z.endBlock()
			return n, true, nil
		default:
			more, err = z.pair(s-endCode-1, used)
			return n, more, err
		}
	}
	return n, true, nil
}

// pair reads the rest of a length and a distance, 48 bits in all at most, or nothing when they are not all there.
func (z *Reader) pair(length int, used uint) (more bool, err error) {
	if length >= len(lengthBase) {
		return false, ErrDamaged
	}
	all := used + uint(lengthExtra[length])
	if all > z.nbits {
		return false, nil
	}
	d, more2 := z.codes.distance.decode(z.bits>>all, z.nbits-all)
	switch {
	case more2 == 0:
		return false, nil
	case more2 > maxCode || d >= len(distanceBase):
		return false, ErrDamaged
	}
	if all+more2+uint(distanceExtra[d]) > z.nbits {
		return false, nil
	}
	z.take(used)
	z.left = int(lengthBase[length]) + z.take(uint(lengthExtra[length]))
	z.take(more2)
	z.dist = int(distanceBase[d]) + z.take(uint(distanceExtra[d]))
	if z.dist > z.total {
		return false, ErrDamaged
	}
	z.state = inMatch
	return true, nil
}
