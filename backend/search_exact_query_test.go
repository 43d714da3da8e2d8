package backend

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"satchel/backend/message"
)

// query makes a random query of a depth, and what it means.
func (w *exactWorld) query(depth int) (*Query, func(*Row) bool) {
	if depth == 0 || w.rnd.IntN(3) == 0 {
		if w.rnd.IntN(3) == 0 {
			return w.plainKey()
		}
		return w.textKey()
	}
	a, holdsA := w.query(depth - 1)
	b, holdsB := w.query(depth - 1)
	switch w.rnd.IntN(3) {
	case 0:
		return And(a, b), func(r *Row) bool { return holdsA(r) && holdsB(r) }
	case 1:
		return Or(a, b), func(r *Row) bool { return holdsA(r) || holdsB(r) }
	}
	return Not(a), func(r *Row) bool { return !holdsA(r) }
}

// plainKey makes a key that memory can decide.
func (w *exactWorld) plainKey() (*Query, func(*Row) bool) {
	first, flag, size := uint32(1+w.rnd.IntN(150)), Flags(1)<<w.rnd.IntN(3), 500+w.rnd.IntN(3000)
	last, day := first+uint32(w.rnd.IntN(100)), int64(year2024+w.rnd.IntN(9))
	switch w.rnd.IntN(5) {
	case 0:
		return &Query{Op: QueryFlags, Flags: flag}, func(r *Row) bool { return r.Flags&flag != 0 }
	case 1:
		return &Query{Op: QueryLarger, Size: int64(size)}, func(r *Row) bool { return int(r.Size) > size }
	case 2:
		return &Query{Op: QueryBefore, Day: day}, func(r *Row) bool { return r.Date < day*86400 }
	case 3:
		return &Query{Op: QueryUIDs, Set: []Range{{first, last}}}, func(r *Row) bool { return first <= uint32(r.UID) && uint32(r.UID) <= last }
	}
	return &Query{Op: QuerySeqs, Set: []Range{{first, last}}}, func(r *Row) bool { return first <= r.Seq && r.Seq <= last }
}

// textKey makes a key that looks for a text, perhaps one that was looked for before.
func (w *exactWorld) textKey() (*Query, func(*Row) bool) {
	var q *Query
	if n := len(w.asked); n > 0 && w.rnd.IntN(3) == 0 {
		again := *w.asked[max(0, n-20)+w.rnd.IntN(min(n, 20))]
		q = &again
	} else {
		q = &Query{Op: QueryHead + QueryOp(w.rnd.IntN(4)), Head: message.HeadField(w.rnd.IntN(5)), Needle: w.needle()}
		q.Name = []string{"Subject", "to", "X-Note", "Received", "content-type", "Message-ID", "X-Odd"}[w.rnd.IntN(7)]
		kept := *q
		w.asked = append(w.asked, &kept)
	}
	return q, func(r *Row) bool { return w.has(q, r.Message) }
}

// has looks for a text in a message, in the plainest way.
func (w *exactWorld) has(q *Query, id MessageID) bool {
	m := w.truth[id]
	contains := func(text []byte) bool { return bytes.Contains(text, q.Needle) }
	switch q.Op {
	case QueryHead:
		return message.HeadTextContains(m.headText, q.Head, q.Needle)
	case QueryHeader:
		return message.HeaderContains(m.header, q.Name, q.Needle)
	case QueryText:
		return len(q.Needle) == 0 || slices.ContainsFunc(m.headers, contains) || slices.ContainsFunc(m.bodies, contains)
	}
	return len(q.Needle) == 0 || slices.ContainsFunc(m.bodies, contains)
}

// needle is part of some message's text, or of two, or nothing that is anywhere.
func (w *exactWorld) needle() []byte {
	switch w.rnd.IntN(12) {
	case 0:
		return message.Fold(nil, fmt.Appendf(nil, "absent%d", w.rnd.IntN(5)))
	case 1:
		return append(w.cutting(), w.cutting()...)
	case 2:
		return append(append(w.cutting(), ' '), w.cutting()...)
	}
	return w.cutting()
}

// cutting is a part of a text: of few characters mostly.
func (w *exactWorld) cutting() []byte {
	text := w.text()
	if len(text) == 0 {
		return nil
	}
	from := w.rnd.IntN(len(text))
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	runes := 1 + w.rnd.IntN([]int{1, 2, 3, 8, 40, 120}[w.rnd.IntN(6)])
	to := from
	for ; runes > 0 && to < len(text); runes-- {
		_, size := utf8.DecodeRune(text[to:])
		to += size
	}
	return message.Fold(nil, text[from:to])
}

// text is one of those of some message.
func (w *exactWorld) text() []byte {
	ids := make([]MessageID, 0, len(w.truth))
	for id := range w.truth {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	m := w.truth[ids[w.rnd.IntN(len(ids))]]
	switch n := w.rnd.IntN(3); {
	case n == 0 && len(m.headText) > 0:
		var texts [][]byte
		message.EachHeadText(m.headText, func(_ message.HeadField, text []byte) { texts = append(texts, text) })
		return texts[w.rnd.IntN(len(texts))]
	case n == 1 || len(m.bodies) == 0:
		return m.headers[w.rnd.IntN(len(m.headers))]
	}
	return m.bodies[w.rnd.IntN(len(m.bodies))]
}

// queryText writes a query down.
func queryText(q *Query) string {
	if len(q.Sub) == 0 {
		return fmt.Sprintf("%d %v %q %q size %d flags %d day %d head %d", q.Op, q.Set, q.Name, q.Needle, q.Size, q.Flags, q.Day, q.Head)
	}
	var subs []string
	for _, sub := range q.Sub {
		subs = append(subs, queryText(sub))
	}
	return fmt.Sprintf("%d(%s)", q.Op, strings.Join(subs, "; "))
}
