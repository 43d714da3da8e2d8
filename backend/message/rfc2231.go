package message

import (
	"bytes"
	"sort"
	"strconv"
)

// segment is one piece of a parameter that was split as in RFC 2231, 3: name*0, name*1*, ...
type segment struct {
	base     []byte
	number   int
	extended bool
	value    []byte
	order    int // of the first piece with that base
}

// A percent sign in a plain piece is escaped when the whole becomes extended.
var (
	percent   = []byte("%")
	percent25 = []byte("%25")
)

// joinContinued puts the pieces of continued parameters together, in the order of their numbers, at
// the place of the first piece. RFC 2231, 6 asks IMAP servers to do so. Pieces that are not numbered
// 0, 1, 2 and so on stay as they are.
func joinContinued(params []param) []param {
	var pieces []segment
	for i, p := range params {
		if s, ok := splitName(p); ok {
			s.order = i
			pieces = append(pieces, s)
		}
	}
	if len(pieces) == 0 {
		return params
	}
	sort.SliceStable(pieces, func(i, j int) bool {
		if c := compareFold(pieces[i].base, pieces[j].base); c != 0 {
			return c < 0
		}
		return pieces[i].number < pieces[j].number
	})
	for len(pieces) > 0 {
		n := 1
		for n < len(pieces) && compareFold(pieces[n].base, pieces[0].base) == 0 {
			n++
		}
		joinPieces(params, pieces[:n])
		pieces = pieces[n:]
	}
	kept := params[:0]
	for _, p := range params {
		if p.value != nil {
			kept = append(kept, p)
		}
	}
	return kept
}

// joinPieces writes one whole parameter over the earliest of its pieces and marks the others as
// gone.
func joinPieces(params []param, pieces []segment) {
	extended, first := false, pieces[0].order
	for i, s := range pieces {
		if s.number != i {
			return
		}
		extended = extended || s.extended
		first = min(first, s.order)
	}
	value := []byte{}
	for _, s := range pieces {
		if extended && !s.extended {
			value = append(value, bytes.ReplaceAll(s.value, percent, percent25)...)
		} else {
			value = append(value, s.value...)
		}
		params[s.order].value = nil
	}
	name := pieces[0].base
	if extended {
		name = append(name[:len(name):len(name)], '*')
	}
	params[first] = param{name, value}
}

// splitName takes "name*12*" apart.
func splitName(p param) (segment, bool) {
	s := segment{value: p.value}
	name := p.name
	if n := len(name); n > 0 && name[n-1] == '*' {
		s.extended = true
		name = name[:n-1]
	}
	star := bytes.LastIndexByte(name, '*')
	if star < 1 {
		return s, false
	}
	number, err := strconv.ParseUint(string(name[star+1:]), 10, 16)
	s.base, s.number = name[:star:star], int(number)
	return s, err == nil
}

// compareFold orders ASCII words without regard to case.
func compareFold(a, b []byte) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}
