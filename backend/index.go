package backend

import (
	"slices"
	"sort"

	"satchel/storage"
)

// index holds a mailbox's messages in memory, shared by all its views, about 37
// bytes a message. The mailbox's lock guards it.
//
// uid and msg below their length never change in place while views exist: an
// expunge makes new arrays. So a view can hold a prefix of them as the client's
// picture of the mailbox at no cost, and keeps the old arrays only as long as it
// has not told its client of the expunge.
type index struct {
	uid    []UID
	msg    []MessageID
	flags  []Flags
	kw     []uint32
	modseq []ModSeq
	size   []uint32
	date   []int64
	sets   keywordSets

	gone      map[UID]removal // expunged, but some view still counts them
	goneOrder []UID           // the same in the order of their mod-sequences
	removed   ModSeq          // of the latest expunge

	recent     []changed // the latest changes of flags, in order
	recentFrom ModSeq    // recent holds all that came after this mod-sequence
}

// bytesPerMessage is what a message costs in an index.
const bytesPerMessage = 4 + 8 + 1 + 4 + 8 + 4 + 8

// maxRecent bounds index.recent; views further behind scan the index.
const maxRecent = 512

type removal struct {
	row    Row
	modseq ModSeq
}

type changed struct {
	modseq ModSeq
	uid    UID
}

func newIndex(capacity int, modseq ModSeq) *index {
	c := capacity + 16
	return &index{
		uid: make([]UID, 0, c), msg: make([]MessageID, 0, c), flags: make([]Flags, 0, c), kw: make([]uint32, 0, c),
		modseq: make([]ModSeq, 0, c), size: make([]uint32, 0, c), date: make([]int64, 0, c), sets: newKeywordSets(),
		gone: map[UID]removal{}, recentFrom: modseq,
	}
}

// add appends a message; its UID must be above all others.
func (x *index) add(e *storage.Entry) {
	x.uid = append(x.uid, e.UID)
	x.msg = append(x.msg, e.Message)
	x.flags = append(x.flags, e.Flags)
	x.kw = append(x.kw, x.sets.number(e.Keywords))
	x.modseq = append(x.modseq, e.ModSeq)
	x.size = append(x.size, e.Size)
	x.date = append(x.date, e.Date)
}

// find gives the place of a UID; near is a guess that is often right.
func (x *index) find(uid UID, near int) (int, bool) {
	if near >= 0 && near < len(x.uid) && x.uid[near] == uid {
		return near, true
	}
	return slices.BinarySearch(x.uid, uid)
}

// row describes the message at place i, without its sequence number.
func (x *index) row(i int) (r Row) {
	x.fill(&r, i)
	return r
}

// fill is row into a Row that is there: a copy less for each of many messages.
func (x *index) fill(r *Row, i int) {
	r.UID, r.Message, r.Flags, r.Keywords = x.uid[i], x.msg[i], x.flags[i], x.sets.lists[x.kw[i]]
	r.ModSeq, r.Size, r.Date = x.modseq[i], x.size[i], x.date[i]
}

// entry describes the message at place i in storage's terms.
func (x *index) entry(i int) storage.Entry {
	return storage.Entry{UID: x.uid[i], Message: x.msg[i], Flags: x.flags[i], Keywords: x.sets.texts[x.kw[i]],
		ModSeq: x.modseq[i], Size: x.size[i], Date: x.date[i]}
}

// touched remembers that the messages at these places changed at modseq.
func (x *index) touched(places []int, modseq ModSeq) {
	for _, i := range places {
		x.modseq[i] = modseq
	}
	if len(x.recent)+len(places) > maxRecent {
		x.recent, x.recentFrom = x.recent[:0], modseq
		return
	}
	for _, i := range places {
		x.recent = append(x.recent, changed{modseq, x.uid[i]})
	}
}

// changedSince calls each with the places of the messages among the first n
// whose flags changed after modseq, ascending or not.
func (x *index) changedSince(modseq ModSeq, n int, each func(i int)) {
	if modseq >= x.recentFrom {
		from := sort.Search(len(x.recent), func(i int) bool { return x.recent[i].modseq > modseq })
		for _, c := range x.recent[from:] {
			// A later change of the same message stands for this one.
			if i, ok := x.find(c.uid, -1); ok && i < n && x.modseq[i] == c.modseq {
				each(i)
			}
		}
		return
	}
	for i, m := range x.modseq[:n] {
		if m > modseq {
			each(i)
		}
	}
}

// expunge takes out the messages at these places (ascending). Rows are kept in
// gone if keep is set, and the arrays that views share are replaced.
func (x *index) expunge(places []int, modseq ModSeq, keep bool) {
	x.removed = modseq
	if keep {
		if len(x.gone) == 0 {
			x.gone = make(map[UID]removal, len(places))
		}
		for _, i := range places {
			x.gone[x.uid[i]] = removal{x.row(i), modseq}
			x.goneOrder = append(x.goneOrder, x.uid[i])
		}
		x.uid, x.msg = slices.Clone(x.uid), slices.Clone(x.msg)
	}
	x.uid = without(x.uid, places)
	x.msg = without(x.msg, places)
	x.flags = without(x.flags, places)
	x.kw = without(x.kw, places)
	x.modseq = without(x.modseq, places)
	x.size = without(x.size, places)
	x.date = without(x.date, places)
}

// without closes the gaps at the given ascending places, in one pass.
func without[T any](s []T, places []int) []T {
	to := places[0]
	for k, i := range places {
		end := len(s)
		if k+1 < len(places) {
			end = places[k+1]
		}
		to += copy(s[to:], s[i+1:end])
	}
	return s[:to]
}

// firstGone is the mod-sequence of the first removal after one. There is one.
func (x *index) firstGone(after ModSeq) ModSeq {
	i := sort.Search(len(x.goneOrder), func(i int) bool { return x.gone[x.goneOrder[i]].modseq > after })
	return x.gone[x.goneOrder[i]].modseq
}

// forget drops the removals that every view has told.
func (x *index) forget(told ModSeq) {
	if len(x.goneOrder) == 0 {
		return
	}
	n := sort.Search(len(x.goneOrder), func(i int) bool { return x.gone[x.goneOrder[i]].modseq > told })
	if n == len(x.goneOrder) {
		x.gone, x.goneOrder = map[UID]removal{}, nil // with their memory
		return
	}
	for _, uid := range x.goneOrder[:n] {
		delete(x.gone, uid)
	}
	x.goneOrder = slices.Delete(x.goneOrder, 0, n)
}

func (x *index) bytes() int64 { return int64(cap(x.uid))*bytesPerMessage + x.sets.bytes }
