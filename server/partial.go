package server

import (
	"satchel/server/wire"
)

// partialRange is a range of results, counted from 1, as the client wrote it.
// RFC 9394, 4: either way round, and from the end if both numbers are negative.
type partialRange struct {
	a, b    uint32
	fromEnd bool
}

// resultRange is some of the results, counted from 0, to excluded.
type resultRange struct{ from, to int }

// partialArgument reads SP partial-range.
func (s *session) partialArgument() (p partialRange, err error) {
	if err := s.wire.SP(); err != nil {
		return p, err
	}
	p.fromEnd = s.wire.Skip('-')
	if p.a, err = s.wire.NZNumber(); err != nil {
		return p, err
	}
	if err := s.wire.Expect(':'); err != nil {
		return p, err
	}
	if s.wire.Skip('-') != p.fromEnd {
		return p, &wire.SyntaxError{Text: "Both ends of a PARTIAL range count from the same end"}
	}
	p.b, err = s.wire.NZNumber()
	return p, err
}

// last is the number of the range that is farther from where it counts.
func (p partialRange) last() int { return int(max(p.a, p.b)) }

// size is how many results the range can have.
func (p partialRange) size() int { return p.last() - int(min(p.a, p.b)) + 1 }

// of gives the part of n results that the range names.
func (p partialRange) of(n int) resultRange {
	from, to := min(int(min(p.a, p.b))-1, n), min(p.last(), n)
	if p.fromEnd {
		from, to = n-to, n-from
	}
	return resultRange{from, to}
}

// append writes the range as the client wrote it.
func (p partialRange) append(b []byte) []byte {
	sign := ""
	if p.fromEnd {
		sign = "-"
	}
	b = wire.AppendNumber(append(b, sign...), uint64(p.a))
	b = append(append(b, ':'), sign...)
	return wire.AppendNumber(b, uint64(p.b))
}
