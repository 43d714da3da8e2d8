package backend

import (
	"iter"
	"math"
	"sort"
)

// merge sorts spans, joins those that touch and leaves out those that are empty.
func merge(spans []span) Selection {
	sort.Slice(spans, func(i, j int) bool { return spans[i].from < spans[j].from })
	var s Selection
	for _, p := range spans {
		if k := len(s.spans) - 1; k >= 0 && p.from <= s.spans[k].to {
			s.spans[k].to = max(s.spans[k].to, p.to)
		} else if p.from < p.to {
			s.spans = append(s.spans, p)
		}
	}
	for _, p := range s.spans {
		s.n += p.to - p.from
	}
	return s
}

// Slice is the part of a selection from its from-th message up to before its
// to-th, counted from 0.
func (s Selection) Slice(from, to int) Selection {
	if from <= 0 && to >= s.n {
		return s
	}
	var part Selection
	for _, p := range s.spans {
		size := p.to - p.from
		if first, last := max(from, 0), min(to, size); first < last {
			part.spans = append(part.spans, span{p.from + first, p.from + last})
			part.n += last - first
		}
		from, to = from-size, to-size
	}
	return part
}

// Union is every message that is in one of the selections.
func Union(list ...Selection) Selection {
	if len(list) == 1 {
		return list[0]
	}
	var spans []span
	for _, s := range list {
		spans = append(spans, s.spans...)
	}
	return merge(spans)
}

// intersect is every message of s that is in the ascending spans as well.
func (s Selection) intersect(with []span) Selection {
	var both Selection
	for _, p := range s.spans {
		i := sort.Search(len(with), func(i int) bool { return with[i].to > p.from })
		for ; i < len(with) && with[i].from < p.to; i++ {
			part := span{max(p.from, with[i].from), min(p.to, with[i].to)}
			both.spans = append(both.spans, part)
			both.n += part.to - part.from
		}
	}
	return both
}

// Intersect is every message of s that is in the other selection as well.
func (s Selection) Intersect(other Selection) Selection { return s.intersect(other.spans) }

// Without is every message of s that is not in the other selection.
func (s Selection) Without(other Selection) Selection {
	var gaps []span
	at := 0
	for _, p := range other.spans {
		if at < p.from {
			gaps = append(gaps, span{at, p.from})
		}
		at = p.to
	}
	return s.intersect(append(gaps, span{at, math.MaxInt}))
}

// Runs gives the sequence numbers of a selection, or its UIDs, ascending, as runs
// of consecutive ones: the first and the last of each. Nothing is allocated.
func (v *View) Runs(s Selection, uid bool) iter.Seq2[uint32, uint32] {
	return func(yield func(first, last uint32) bool) {
		for _, p := range s.spans {
			for from := p.from; from < p.to; {
				to := p.to
				first, last := uint32(from+1), uint32(to)
				if uid {
					to = v.consecutive(from, to)
					first, last = uint32(v.uids[from]), uint32(v.uids[to-1])
				}
				if !yield(first, last) {
					return
				}
				from = to
			}
		}
	}
}

// consecutive is where the run of consecutive UIDs ends that begins at a place.
func (v *View) consecutive(from, to int) int {
	if int(v.uids[to-1]-v.uids[from]) == to-1-from {
		return to
	}
	end := from + 1
	for end < to && v.uids[end] == v.uids[end-1]+1 {
		end++
	}
	return end
}

// Ranges is a selection as ranges of UIDs, which name the same messages as long as
// they exist: UIDs between them that no message has now will never be given.
func (v *View) Ranges(s Selection) []Range {
	ranges := make([]Range, len(s.spans))
	for i, p := range s.spans {
		ranges[i] = Range{uint32(v.uids[p.from]), uint32(v.uids[p.to-1])}
	}
	return ranges
}

// LowestUID is the UID of the first message of a selection, 0 if there is none.
func (v *View) LowestUID(s Selection) UID {
	if s.n == 0 {
		return 0
	}
	return v.uids[s.spans[0].from]
}

// HighestModSeqOf is the highest mod-sequence among the messages of a selection, 0
// if there are none.
func (v *View) HighestModSeqOf(s Selection) ModSeq {
	m := v.mailbox
	m.mu.RLock()
	defer m.mu.RUnlock()
	highest, near := ModSeq(0), 0
	s.each(func(place int) {
		i, ok := m.idx.find(v.uids[place], near)
		if ok {
			highest = max(highest, m.idx.modseq[i])
			near = i + 1
			return
		}
		highest = max(highest, m.idx.gone[v.uids[place]].row.ModSeq)
	})
	return highest
}
