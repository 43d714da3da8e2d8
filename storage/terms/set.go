package terms

import (
	"math/bits"
	"slices"
)

// Set is a set of ids, which are not negative. It takes a bit for each id from the lowest to the
// highest that was added, and is cheapest to fill in ascending order. The zero value is empty.
type Set struct {
	base  int64 // words[0] is for the ids from 64*base on
	words []uint64
}

// Add adds an id.
func (s *Set) Add(id int64) {
	s.cover(id, id)
	s.put(id)
}

// put adds an id that is covered.
func (s *Set) put(id int64) {
	s.words[id>>6-s.base] |= 1 << (id & 63)
}

// Has says whether id is in the set.
func (s *Set) Has(id int64) bool {
	i := id>>6 - s.base
	return 0 <= i && i < int64(len(s.words)) && s.words[i]>>(id&63)&1 != 0
}

// Len gives the number of ids in the set.
func (s *Set) Len() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// Or adds all that is in o.
func (s *Set) Or(o *Set) {
	if len(o.words) == 0 {
		return
	}
	s.cover(o.base<<6, (o.base+int64(len(o.words))-1)<<6)
	for i, w := range o.words {
		s.words[o.base-s.base+int64(i)] |= w
	}
}

// And removes all that is not in o.
func (s *Set) And(o *Set) {
	for i := range s.words {
		at := s.base + int64(i) - o.base
		if 0 <= at && at < int64(len(o.words)) {
			s.words[i] &= o.words[at]
		} else {
			s.words[i] = 0
		}
	}
}

// join adds the ids of a bitmap, all of which are covered: its first byte is for those from 8*start on,
// lowest bit first.
func (s *Set) join(start int64, bitmap []byte) {
	at := start - s.base<<3
	for i, b := range bitmap {
		n := at + int64(i)
		s.words[n>>3] |= uint64(b) << (8 * (n & 7))
	}
}

// cover makes room for the ids from first to last.
func (s *Set) cover(first, last int64) {
	first, last = first>>6, last>>6
	if len(s.words) == 0 {
		s.base = first
	}
	if front := s.base - first; front > 0 {
		s.words = append(make([]uint64, front, front+int64(len(s.words))), s.words...)
		s.base = first
	}
	if n, want := len(s.words), int(last-s.base)+1; n < want {
		s.words = slices.Grow(s.words, want-n)[:want]
		clear(s.words[n:])
	}
}

// empty removes all ids, and keeps the memory.
func (s *Set) empty() {
	s.words = s.words[:0]
}
