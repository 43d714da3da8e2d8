package backend

import (
	"iter"
	"slices"
)

// Selection is the messages of a view that a set named, in ascending order. It
// is good until the view's next Pull.
type Selection struct {
	spans []span
	n     int
}

// span is a run of places in a view, to excluded. None in a selection is empty.
type span struct{ from, to int }

// Len is the number of messages.
func (s *Selection) Len() int { return s.n }

// each calls f with the places, ascending.
func (s *Selection) each(f func(place int)) {
	for _, p := range s.spans {
		for i := p.from; i < p.to; i++ {
			f(i)
		}
	}
}

// add puts a place at the end.
func (s *Selection) add(place int) {
	s.n++
	if k := len(s.spans) - 1; k >= 0 && s.spans[k].to == place {
		s.spans[k].to++
		return
	}
	s.spans = append(s.spans, span{place, place + 1})
}

// byUIDs selects the messages of ascending UIDs that the client counts.
func (v *View) byUIDs(uids []UID) Selection {
	var s Selection
	at := 0
	for _, uid := range uids {
		if at >= len(v.uids) || v.uids[at] != uid {
			at, _ = slices.BinarySearch(v.uids, uid)
		}
		if at < len(v.uids) && v.uids[at] == uid {
			s.add(at)
			at++
		}
	}
	return s
}

// All selects every message of the view.
func (v *View) All() Selection {
	return merge([]span{{0, len(v.uids)}})
}

// Resolve finds the messages of a set of sequence numbers, or of UIDs. UIDs that
// do not exist are left out (RFC 3501, 6.4.8); a sequence number above Exists is
// ErrBadSequence, and so is "*" in an empty mailbox (RFC 3501, 9).
func (v *View) Resolve(set []Range, uid bool) (Selection, error) {
	spans := make([]span, 0, len(set))
	for _, r := range set {
		s, err := v.bySeq(r)
		if uid {
			s, err = v.byUID(r), nil
		}
		if err != nil {
			return Selection{}, err
		}
		spans = append(spans, s)
	}
	return merge(spans), nil
}

// ends are the numbers of a range in their order; "*" is top.
func (r Range) ends(top uint32) (first, last uint32) {
	first, last = r.First, r.Last
	if first == 0 {
		first = top
	}
	if last == 0 {
		last = top
	}
	return min(first, last), max(first, last)
}

func (v *View) bySeq(r Range) (span, error) {
	n := uint32(len(v.uids))
	first, last := r.ends(n)
	if last > n || n == 0 {
		return span{}, ErrBadSequence
	}
	return span{int(first) - 1, int(last)}, nil
}

func (v *View) byUID(r Range) span {
	if len(v.uids) == 0 {
		return span{}
	}
	first, last := r.ends(uint32(v.uids[len(v.uids)-1]))
	from, _ := slices.BinarySearch(v.uids, UID(first))
	to, found := slices.BinarySearch(v.uids, UID(last))
	if found {
		to++
	}
	return span{from, to}
}

// Rows appends to into the rows of at most n messages of a selection, beginning
// with its from-th. Messages that others have expunged meanwhile keep the flags
// they had (RFC 2180, 4.1.2).
func (v *View) Rows(s Selection, from, n int, into []Row) []Row {
	m := v.mailbox
	m.mu.RLock()
	defer m.mu.RUnlock()
	into = slices.Grow(into, max(0, min(n, s.n-from)))
	near := 0
	for _, p := range s.spans {
		if size := p.to - p.from; from >= size {
			from -= size
			continue
		}
		for i := p.from + from; i < p.to && n > 0; i++ {
			into = into[:len(into)+1] // there is room
			near = v.rowAt(&into[len(into)-1], i, near)
			n--
		}
		from = 0
		if n == 0 {
			break
		}
	}
	return into
}

// rowsAt appends to into the rows of the messages at ascending places.
func (v *View) rowsAt(places iter.Seq[int], into []Row) []Row {
	m := v.mailbox
	m.mu.RLock()
	defer m.mu.RUnlock()
	near := 0
	for place := range places {
		into = append(into, Row{})
		near = v.rowAt(&into[len(into)-1], place, near)
	}
	return into
}

// rowAt describes in r the message at a place of the view. near guesses where the
// index has it; the result is the guess for the next place. Callers hold the
// mailbox's lock.
func (v *View) rowAt(r *Row, place, near int) int {
	x, uid := v.mailbox.idx, v.uids[place]
	i, ok := x.find(uid, near)
	if ok {
		x.fill(r, i)
		i++
	} else {
		*r = x.gone[uid].row
		r.UID, r.Message = uid, v.msgs[place]
	}
	v.complete(r, place)
	return i
}

// complete adds to an index's row what it means to this client.
func (v *View) complete(r *Row, place int) {
	r.Seq, r.Recent = uint32(place+1), v.isRecent(r.UID)
}
