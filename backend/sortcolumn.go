package backend

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// column is one sort key of all messages held: the rank of each message's value
// among all values, which are bytes that compare as the key demands.
type column struct {
	ranks  []uint32 // for each message ranked, the place of its value in values
	values []string // ascending, without doubles

	added []byte // values of the messages that come after those ranked, one after the other
	ends  []int  // where in added each ends
}

// taken is the number of messages that the column has.
func (c *column) taken() int { return len(c.ranks) + len(c.ends) }

// add takes one more message, whose value f appends.
func (c *column) add(f func([]byte) []byte) {
	c.added = f(c.added)
	c.ends = append(c.ends, len(c.added))
}

// newcomer is a value that has no rank yet, with its first bytes as a number: most
// comparisons need no more.
type newcomer struct {
	prefix uint64
	at     uint32 // its message, counted from the first added one
	value  string
}

// rankAdded ranks the messages added. The cost is that of sorting them, and one pass
// over the others if a new value came.
func (c *column) rankAdded() {
	if len(c.ends) == 0 {
		return
	}
	fresh := c.newcomers()
	slices.SortFunc(fresh, func(a, b newcomer) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		return strings.Compare(a.value, b.value)
	})
	moved, merged := c.merge(fresh)
	if len(merged) != len(c.values) {
		for i, r := range c.ranks {
			c.ranks[i] = moved[r]
		}
		c.values = merged
	}
	first := len(c.ranks)
	c.ranks = append(c.ranks, make([]uint32, len(fresh))...)
	rank := 0
	for i := range fresh {
		for c.values[rank] != fresh[i].value {
			rank++
		}
		c.ranks[first+int(fresh[i].at)] = uint32(rank)
	}
}

// newcomers empties added and ends.
func (c *column) newcomers() []newcomer {
	all, from := string(c.added), 0
	fresh := make([]newcomer, len(c.ends))
	for i, to := range c.ends {
		value := all[from:to]
		fresh[i] = newcomer{prefixOf(value), uint32(i), value}
		from = to
	}
	c.added, c.ends = nil, nil
	return fresh
}

func prefixOf(value string) uint64 {
	var first [8]byte
	copy(first[:], value)
	return binary.BigEndian.Uint64(first[:])
}

// merge gives the values with the new ones among them, and where each old one went.
// The new ones do not keep the memory of the others.
func (c *column) merge(fresh []newcomer) (moved []uint32, merged []string) {
	moved = make([]uint32, len(c.values))
	merged = make([]string, 0, len(c.values)+len(fresh))
	var places []int // of the new ones
	old := 0
	for i := range fresh {
		value := fresh[i].value
		for old < len(c.values) && c.values[old] <= value {
			moved[old] = uint32(len(merged))
			merged = append(merged, c.values[old])
			old++
		}
		if n := len(merged); n == 0 || merged[n-1] != value {
			places = append(places, n)
			merged = append(merged, value)
		}
	}
	for ; old < len(c.values); old++ {
		moved[old] = uint32(len(merged))
		merged = append(merged, c.values[old])
	}
	repack(merged, places)
	return moved, slices.Clip(merged)
}

// repack copies the values at some places into memory of their own.
func repack(values []string, places []int) {
	var b strings.Builder
	n := 0
	for _, p := range places {
		n += len(values[p])
	}
	b.Grow(n)
	for _, p := range places {
		b.WriteString(values[p])
	}
	all := b.String()
	for _, p := range places {
		n := len(values[p])
		values[p], all = all[:n], all[n:]
	}
}

func (c *column) size() int64 {
	n := int64(cap(c.ranks))*4 + int64(len(c.values))*16
	for _, v := range c.values {
		n += int64(len(v))
	}
	return n
}

// arrange sorts places, which index ranks by way of at, stably by rank; to is scratch
// space of their length. It returns the sorted places and the other space. The cost
// is one pass over the places and one over the values.
func (c *column) arrange(places, to []uint32, reverse bool, counts []uint32) (sorted, other, space []uint32) {
	counts = slices.Grow(counts[:0], len(c.values))[:len(c.values)]
	clear(counts)
	for _, p := range places {
		counts[c.ranks[p]]++
	}
	sum := uint32(0)
	for i := range counts {
		if reverse {
			i = len(counts) - 1 - i
		}
		sum, counts[i] = sum+counts[i], sum
	}
	for _, p := range places {
		r := c.ranks[p]
		to[counts[r]] = p
		counts[r]++
	}
	return to, places, counts
}
