package backend

import (
	"iter"
	"slices"
	"sort"
)

// window is a batch of at most MaxBatch messages of a view, with the columns of the
// mailbox's index that the query asks for: the others are nil. What it holds is as it
// was when it was filled.
type window struct {
	runs     []span // places in the view, ascending
	n        int    // messages in them
	uid      []UID
	msg      []MessageID
	flags    []Flags
	keywords [][]string
	modseq   []ModSeq
	size     []uint32
	date     []int64
}

// makeColumn makes a column that a key asks for.
func makeColumn[T any](c *[]T) {
	if *c == nil {
		*c = make([]T, MaxBatch)
	}
}

// fill takes in the columns of the messages in runs.
func (w *window) fill(v *View) {
	w.n = 0
	for _, p := range w.runs {
		if w.uid != nil {
			copy(w.uid[w.n:], v.uids[p.from:p.to])
		}
		if w.msg != nil {
			copy(w.msg[w.n:], v.msgs[p.from:p.to])
		}
		w.n += p.to - p.from
	}
	if w.flags == nil && w.keywords == nil && w.modseq == nil && w.size == nil && w.date == nil {
		return
	}
	m := v.mailbox
	m.mu.RLock()
	defer m.mu.RUnlock()
	at := 0
	for _, p := range w.runs {
		w.fillRun(v, at, p)
		at += p.to - p.from
	}
}

// fillRun fills the window from its at-th message on with those at some places of the
// view. Callers hold the mailbox's lock.
func (w *window) fillRun(v *View, at int, p span) {
	x, n := v.mailbox.idx, p.to-p.from
	near, ok := x.find(v.uids[p.from], p.from)
	// Between two messages the index has none that the view does not count.
	if end := near + n - 1; ok && end < len(x.uid) && x.uid[end] == v.uids[p.to-1] {
		w.take(at, x, near, n)
		return
	}
	var r Row
	for place := p.from; place < p.to; place++ {
		near = v.rowAt(&r, place, near)
		w.takeRow(at+place-p.from, &r)
	}
}

// take copies n messages from a place of the index on.
func (w *window) take(at int, x *index, from, n int) {
	to := from + n
	if w.flags != nil {
		copy(w.flags[at:], x.flags[from:to])
	}
	if w.modseq != nil {
		copy(w.modseq[at:], x.modseq[from:to])
	}
	if w.size != nil {
		copy(w.size[at:], x.size[from:to])
	}
	if w.date != nil {
		copy(w.date[at:], x.date[from:to])
	}
	if w.keywords != nil {
		for i, set := range x.kw[from:to] {
			w.keywords[at+i] = x.sets.lists[set]
		}
	}
}

// takeRow copies one message, which the index may have no longer.
func (w *window) takeRow(at int, r *Row) {
	if w.flags != nil {
		w.flags[at] = r.Flags
	}
	if w.modseq != nil {
		w.modseq[at] = r.ModSeq
	}
	if w.size != nil {
		w.size[at] = r.Size
	}
	if w.date != nil {
		w.date[at] = r.Date
	}
	if w.keywords != nil {
		w.keywords[at] = r.Keywords
	}
}

// places gives the places in the view of some messages of the window, ascending.
func (w *window) places(m mask) iter.Seq[int] {
	return func(yield func(place int) bool) {
		run, at := 0, 0 // at is where the run begins in the window
		for i := range m.all() {
			for i-at >= w.runs[run].to-w.runs[run].from {
				at += w.runs[run].to - w.runs[run].from
				run++
			}
			if !yield(w.runs[run].from + i - at) {
				return
			}
		}
	}
}

// within is the messages of the window whose places are in ascending spans.
func (w *window) within(spans []span) (m mask) {
	at, k := 0, 0
	for i, p := range w.runs {
		if i == 0 {
			k = sort.Search(len(spans), func(k int) bool { return spans[k].to > p.from })
		}
		for ; k < len(spans) && spans[k].from < p.to; k++ {
			from, to := max(p.from, spans[k].from)-p.from, min(p.to, spans[k].to)-p.from
			if from < to {
				m = m.or(firstOnes(at + to).without(firstOnes(at + from)))
			}
			if spans[k].to > p.to {
				break // it goes on in the next run
			}
		}
		at += p.to - p.from
	}
	return m
}

// cursor goes through a selection in batches, from the first message or the last.
type cursor struct {
	left     []span
	at       span // what is left of the span under way
	backward bool
}

// next puts the next n messages, or those that are left, into runs, ascending.
func (c *cursor) next(n int, runs []span) []span {
	for n > 0 {
		size := c.at.to - c.at.from
		switch last := len(c.left) - 1; {
		case size == 0 && last < 0:
			n = 0
		case size == 0 && c.backward:
			c.at, c.left = c.left[last], c.left[:last]
		case size == 0:
			c.at, c.left = c.left[0], c.left[1:]
		case c.backward:
			from := max(c.at.from, c.at.to-n)
			runs = append(runs, span{from, c.at.to})
			n, c.at.to = n-(c.at.to-from), from
		default:
			to := min(c.at.to, c.at.from+n)
			runs = append(runs, span{c.at.from, to})
			n, c.at.from = n-(to-c.at.from), to
		}
	}
	if c.backward {
		slices.Reverse(runs)
	}
	return runs
}
