package wire

import (
	"bytes"
	"math"
)

// maxDigits bounds a number, leading zeros included.
const maxDigits = 40

// Number reads a number of 32 bits.
func (c *Conn) Number() (uint32, error) {
	n, err := c.number(math.MaxUint32)
	return uint32(n), err
}

// NZNumber reads a number of 32 bits that is not zero.
func (c *Conn) NZNumber() (uint32, error) {
	n, err := c.Number()
	if err == nil && n == 0 {
		err = errNumber
	}
	return n, err
}

// Number64 reads a number of 63 bits: a size, or a modification sequence (RFC 7162, 7).
func (c *Conn) Number64() (uint64, error) { return c.number(math.MaxInt64) }

func (c *Conn) number(max uint64) (uint64, error) {
	digits, err := c.span(digit, maxDigits)
	if err != nil || len(digits) == 0 {
		return 0, orSyntax(err, errNumber.Text)
	}
	n := uint64(0)
	for _, d := range digits {
		x := uint64(d - '0')
		if n > (max-x)/10 {
			return 0, errNumber
		}
		n = 10*n + x
	}
	return n, nil
}

// Range is one range of a Set. First is not above Last, where 0 stands for '*', which is above everything.
type Range struct{ First, Last uint32 }

// Set is a set of sequence numbers or UIDs in the order in which the client wrote them.
type Set []Range

// Set reads a set such as "1:5,7,9:*". RFC 3501, 9: a range may be written either way round. Neighbours that continue
// each other are joined.
func (c *Conn) Set() (Set, error) {
	p := setParser{}
	for {
		if err := c.more(); err != nil {
			return nil, err
		}
		if p.set == nil {
			p.set = make(Set, 0, 1+bytes.Count(c.in[c.r:c.w], []byte(",")))
		}
		n, done := p.feed(c.in[c.r:c.w])
		if err := c.take(n); err != nil {
			return nil, err
		}
		if done && !p.push() {
			return nil, errSet
		}
		if done {
			return p.set, nil
		}
	}
}

// setParser reads a set that comes in pieces.
type setParser struct {
	set    Set
	first  uint32 // of the range being read, when ranged
	ranged bool
	n      uint64 // the number being read
	have   bool   // it has a digit, or is '*'
	star   bool
}

// feed reads what it can and returns how much that was, and whether the set is over; what comes next is not part of it.
func (p *setParser) feed(b []byte) (int, bool) {
	for i, x := range b {
		switch {
		case x >= '0' && x <= '9' && !p.star:
			p.have = true
			if p.n = 10*p.n + uint64(x-'0'); p.n > math.MaxUint32 {
				return i, true
			}
		case x == '*' && !p.have:
			p.have, p.star = true, true
		case x == ':' && !p.ranged && p.valid():
			p.first, p.ranged = uint32(p.n), true
			p.n, p.have, p.star = 0, false, false
		case x == ',' && p.valid():
			p.push()
		default:
			return i, true
		}
	}
	return len(b), false
}

// valid says whether the number being read is one.
func (p *setParser) valid() bool {
	return p.have && (p.star || p.n > 0) && p.n <= math.MaxUint32
}

// push adds the range that was read.
func (p *setParser) push() bool {
	if !p.valid() {
		return false
	}
	last := uint32(p.n)
	first := last
	if p.ranged {
		first = p.first
	}
	if first == 0 || last != 0 && first > last {
		first, last = last, first
	}
	if n := len(p.set); n > 0 && first != 0 && p.set[n-1].Last == first-1 && first > 1 {
		p.set[n-1].Last = last
	} else {
		p.set = append(p.set, Range{first, last})
	}
	p.ranged, p.n, p.have, p.star = false, 0, false, false
	return true
}
