package backend

import (
	"fmt"
	"math"
	"slices"

	"satchel/storage"
)

// Vanished lists, ascending, the UIDs of set that were expunged after a
// mod-sequence and that the client no longer counts: what VANISHED (EARLIER)
// tells (RFC 7162, 3.2.6). nil stands for all UIDs. Where expunges that old have
// been forgotten, every UID of set is listed that no message has, not even one that
// the client has yet to be told of: more than was asked for, and right.
func (v *View) Vanished(set []Range, since ModSeq) ([]Range, error) {
	m := v.mailbox
	var gone []Range
	forgotten, err := v.account.mail.Expunged(m.id, since, func(r storage.Range) {
		gone = append(gone, Range{uint32(r.First), uint32(r.Last)})
	})
	if err != nil {
		return nil, fmt.Errorf("expunged from %q: %w", v.Name(), err)
	}
	m.mu.RLock()
	next := uint32(m.row.UIDNext)
	untold, _ := slices.BinarySearch(m.idx.uid, v.last+1)
	arrived := slices.Clone(m.idx.uid[untold:])
	m.mu.RUnlock()
	if since < forgotten {
		gone = []Range{{1, next - 1}}
	}
	gone = union(gone)
	if set != nil {
		gone = intersect(gone, union(resolved(set, next-1)))
	}
	return except(except(gone, v.uids), arrived), nil
}

// resolved replaces "*" by the highest UID that was ever given out, in a copy.
func resolved(set []Range, last uint32) []Range {
	list := slices.Clone(set)
	for i := range list {
		if list[i].First == 0 {
			list[i].First = last
		}
		if list[i].Last == 0 {
			list[i].Last = last
		}
		if list[i].First > list[i].Last {
			list[i].First, list[i].Last = list[i].Last, list[i].First
		}
	}
	return list
}

// union sorts ranges and joins those that touch, in place.
func union(set []Range) []Range {
	slices.SortFunc(set, func(a, b Range) int { return int(int64(a.First) - int64(b.First)) })
	joined := set[:0]
	for _, r := range set {
		k := len(joined) - 1
		if k >= 0 && (joined[k].Last == math.MaxUint32 || r.First <= joined[k].Last+1) {
			joined[k].Last = max(joined[k].Last, r.Last)
		} else if r.First <= r.Last {
			joined = append(joined, r)
		}
	}
	return joined
}

// intersect gives what is in both of two unions.
func intersect(a, b []Range) []Range {
	var both []Range
	for len(a) > 0 && len(b) > 0 {
		first, last := max(a[0].First, b[0].First), min(a[0].Last, b[0].Last)
		if first <= last {
			both = append(both, Range{first, last})
		}
		if a[0].Last < b[0].Last {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return both
}

// except takes ascending UIDs out of a union.
func except(set []Range, uids []UID) []Range {
	var left []Range
	for _, r := range set {
		at, _ := slices.BinarySearch(uids, UID(r.First))
		for ; at < len(uids) && uint32(uids[at]) <= r.Last; at++ {
			uid := uint32(uids[at])
			if r.First < uid {
				left = append(left, Range{r.First, uid - 1})
			}
			r.First = uid + 1
		}
		if r.First <= r.Last {
			left = append(left, r)
		}
	}
	return left
}

// KnownUpTo compares what a client remembers of sequence numbers and their UIDs,
// in ascending pairs, with the mailbox, and gives the highest UID up to which
// nothing can have been expunged since: RFC 7162, 3.2.5.2.
func (v *View) KnownUpTo(seqs, uids []uint32) UID {
	var known UID
	for i := range min(len(seqs), len(uids)) {
		seq := seqs[i]
		if seq == 0 || uint64(seq) > uint64(len(v.uids)) || uint32(v.uids[seq-1]) != uids[i] {
			break
		}
		known = UID(uids[i])
	}
	return known
}

// ChangedSince narrows a selection to the messages that are new, or whose flags
// changed, after a mod-sequence (RFC 7162, 3.1.4.1).
func (v *View) ChangedSince(s Selection, since ModSeq) Selection {
	m := v.mailbox
	m.mu.RLock()
	defer m.mu.RUnlock()
	if v.removedTo == m.idx.removed { // the client's places are the index's
		return s.intersect(m.idx.spansSince(since, len(v.uids)))
	}
	near := 0
	var changed Selection
	var r Row
	s.each(func(place int) {
		if near = v.rowAt(&r, place, near); r.ModSeq > since {
			changed.add(place)
		}
	})
	return changed
}

// spansSince finds, among the first n messages, those that are new or changed
// after a mod-sequence.
func (x *index) spansSince(since ModSeq, n int) []span {
	first := n // the messages from here on have risen above it, new ones among them
	for first > 0 && x.modseq[first-1] > since {
		first--
	}
	var places []int
	x.changedSince(since, first, func(i int) { places = append(places, i) })
	slices.Sort(places)
	var changed Selection
	for _, i := range places {
		changed.add(i)
	}
	return append(changed.spans, span{first, n})
}
