package inflate

// codeLengths is a block's description of its codes, as far as it was read (RFC 1951, 3.2.7).
type codeLengths struct {
	literals, distances int
	wanted              int // lengths of the code that the lengths are written in
	read                int // of these, later of all lengths
	*lengthTable
}

// lengthTable is what the description takes to read.
type lengthTable struct {
	lens [literals + distances]uint8
	code huffman
}

// lengthOrder is the order in which the lengths of the code for lengths come.
var lengthOrder = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// readLengths reads the description, as far as it has come, and builds the codes.
func (z *Reader) readLengths() (more bool, err error) {
	l := &z.lens
	if z.state == atLengths {
		if !z.need(14) {
			return false, nil
		}
		*l = codeLengths{literals: z.take(5) + 257, distances: z.take(5) + 1, wanted: z.take(4) + 4, lengthTable: new(lengthTable)}
		if l.literals > 286 || l.distances > 30 {
			return false, ErrDamaged
		}
		z.state = inLengths
	}
	for ; l.wanted > 0; l.wanted-- {
		if !z.need(3) {
			return false, nil
		}
		l.lens[lengthOrder[l.read]] = uint8(z.take(3))
		if l.read++; l.wanted == 1 {
			if !l.code.build(l.lens[:len(lengthOrder)]) {
				return false, ErrDamaged
			}
			l.lens, l.read = [literals + distances]uint8{}, 0
		}
	}
	for l.read < l.literals+l.distances {
		if more, err := z.oneLength(); !more || err != nil {
			return false, err
		}
	}
	return z.buildCodes()
}

// oneLength reads a length, or how often one is repeated.
func (z *Reader) oneLength() (more bool, err error) {
	l := &z.lens
	z.need(maxCode)
	s, used := l.code.decode(z.bits, z.nbits)
	if used > maxCode {
		return false, ErrDamaged
	}
	extra, least, value := uint(0), 1, uint8(s)
	switch s {
	case 16:
		if l.read == 0 && used > 0 {
			return false, ErrDamaged
		}
		extra, least = 2, 3
		if l.read > 0 {
			value = l.lens[l.read-1]
		}
	case 17:
		extra, least, value = 3, 3, 0
	case 18:
		extra, least, value = 7, 11, 0
	}
	if used == 0 || used+extra > z.nbits {
		return false, nil
	}
	z.take(used)
	times := least + z.take(extra)
	if l.read+times > l.literals+l.distances {
		return false, ErrDamaged
	}
	for range times {
		l.lens[l.read] = value
		l.read++
	}
	return true, nil
}

// buildCodes begins the block that was described.
func (z *Reader) buildCodes() (bool, error) {
	l := &z.lens
	c := codesPool.Get().(*codes)
	z.codes = c
	split, end := l.literals, l.literals+l.distances
	ends := l.lens[endCode] > 0
	good := c.literal.build(l.lens[:split]) && c.distance.build(l.lens[split:end])
	z.lens = codeLengths{}
	switch {
	case !good:
		return false, ErrDamaged
	case !ends:
		return false, errEndless
	}
	z.state = inBlock
	return true, nil
}

// dropCodes gives back the codes of a block.
func (z *Reader) dropCodes() {
	if z.codes != nil && z.codes != fixedCodes() {
		codesPool.Put(z.codes)
	}
	z.codes = nil
}
