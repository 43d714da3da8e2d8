package backend

import (
	"iter"
	"math/bits"
)

// mask is a set of the messages of a batch, by their places in it.
type mask [MaxBatch / 64]uint64

// firstOnes is the first n messages of a batch.
func firstOnes(n int) (m mask) {
	for w := range m {
		if k := n - 64*w; k >= 64 {
			m[w] = ^uint64(0)
		} else if k > 0 {
			m[w] = 1<<k - 1
		}
	}
	return m
}

func (m mask) any() bool { return m[0]|m[1]|m[2]|m[3] != 0 }

func (m mask) and(o mask) mask {
	return mask{m[0] & o[0], m[1] & o[1], m[2] & o[2], m[3] & o[3]}
}

func (m mask) or(o mask) mask {
	return mask{m[0] | o[0], m[1] | o[1], m[2] | o[2], m[3] | o[3]}
}

func (m mask) without(o mask) mask {
	return mask{m[0] &^ o[0], m[1] &^ o[1], m[2] &^ o[2], m[3] &^ o[3]}
}

func (m *mask) has(i int) bool { return m[i/64]&(1<<(i%64)) != 0 }

func (m *mask) set(i int) { m[i/64] |= 1 << (i % 64) }

// all gives the places, ascending.
func (m mask) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for w, word := range m {
			for ; word != 0; word &= word - 1 {
				if !yield(64*w + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// first is the first n of the set, or all if there are fewer.
func (m mask) first(n int) mask {
	for w := range m {
		for drop := bits.OnesCount64(m[w]) - n; drop > 0; drop-- {
			m[w] &^= 1 << (bits.Len64(m[w]) - 1)
		}
		n -= bits.OnesCount64(m[w])
	}
	return m
}

// last is the last n of the set, or all if there are fewer.
func (m mask) last(n int) mask {
	for w := len(m) - 1; w >= 0; w-- {
		for drop := bits.OnesCount64(m[w]) - n; drop > 0; drop-- {
			m[w] &= m[w] - 1
		}
		n -= bits.OnesCount64(m[w])
	}
	return m
}

// sweep is those of a set for whose value in a column something holds.
func sweep[T any](in mask, column []T, holds func(T) bool) (m mask) {
	for i := range in.all() {
		if holds(column[i]) {
			m.set(i)
		}
	}
	return m
}

// sweepFlags is those of a set that have all of some flags.
func sweepFlags(in mask, column []Flags, all Flags) (m mask) {
	for w := range m {
		if in[w] == 0 {
			continue
		}
		var word uint64
		for i, f := range column[64*w : 64*w+64] {
			if f&all == all {
				word |= 1 << i
			}
		}
		m[w] = word & in[w]
	}
	return m
}
