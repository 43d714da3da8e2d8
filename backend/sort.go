package backend

import (
	"context"
	"encoding/binary"
	"slices"

	"satchel/backend/message"
)

// SortKey is a sort criterion (RFC 5256, 3; RFC 5957, 4; RFC 6203, 4).
type SortKey uint8

// The criteria.
const (
	SortArrival SortKey = iota
	SortDate
	SortSize
	SortSubject
	SortFrom
	SortTo
	SortCc
	SortDisplayFrom
	SortDisplayTo
	SortRelevancy // all that is found matches exactly, so it is the same for all
)

// SortBy is a criterion with its direction.
type SortBy struct {
	Key     SortKey
	Reverse bool
}

// sortTexts says which of the packed texts a key compares.
var sortTexts = [...]message.SortText{
	SortSubject: message.SortSubject, SortFrom: message.SortFrom, SortTo: message.SortTo, SortCc: message.SortCc,
	SortDisplayFrom: message.SortDisplayFrom, SortDisplayTo: message.SortDisplayTo,
}

// appendValue appends what a key compares of the message at place i, whose packed
// keys are keys[k].
func (c *sortCache) appendValue(dst []byte, key SortKey, i int, keys []message.SortKeys, k int) []byte {
	switch key {
	case SortArrival:
		return appendNumber(dst, c.dates[i])
	case SortSize:
		return appendNumber(dst, int64(c.sizes[i]))
	case SortDate:
		sent, ok := keys[k].Sent()
		if !ok { // RFC 5256, 2.2
			sent = c.dates[i]
		}
		return appendNumber(dst, sent)
	}
	return append(dst, keys[k].Text(sortTexts[key])...)
}

// appendNumber appends a number as bytes that compare as numbers do.
func appendNumber(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(n)^1<<63)
}

// Sort puts messages of the view into the order of the criteria, the first of which
// counts most; where all are equal, into the order of the mailbox (RFC 5256, 3). It
// gives their sequence numbers. It ends early with ctx's error.
func (v *View) Sort(ctx context.Context, s Selection, by []SortBy) (seqs []uint32, err error) {
	var need needs
	for _, b := range by {
		if b.Key < SortRelevancy {
			need |= 1 << b.Key
		}
	}
	err = v.withSortKeys(ctx, need, func(c *sortCache) { seqs = c.sorted(v, s, by) })
	return seqs, err
}

func (c *sortCache) sorted(v *View, s Selection, by []SortBy) []uint32 {
	places := c.places(v, s)
	other, counts := make([]uint32, len(places)), []uint32(nil)
	for _, b := range slices.Backward(by) {
		if b.Key < SortRelevancy {
			places, other, counts = c.columns[b.Key].arrange(places, other, b.Reverse, counts)
		}
	}
	c.toSeqs(v, places)
	return places
}

// places gives the places in the cache of selected messages.
func (c *sortCache) places(v *View, s Selection) []uint32 {
	places := make([]uint32, 0, s.Len())
	same, near := len(c.uids) == len(v.uids), 0
	s.each(func(place int) {
		if !same {
			for c.uids[near] != v.uids[place] {
				near++
			}
			place = near
		}
		places = append(places, uint32(place))
	})
	return places
}

// toSeqs makes sequence numbers of places in the cache.
func (c *sortCache) toSeqs(v *View, places []uint32) {
	if len(c.uids) == len(v.uids) {
		for i := range places {
			places[i]++
		}
		return
	}
	seqs, at := make([]uint32, len(c.uids)), 0
	for i, uid := range v.uids {
		for c.uids[at] != uid {
			at++
		}
		seqs[at] = uint32(i + 1)
	}
	for i, p := range places {
		places[i] = seqs[p]
	}
}

// UID is the UID of a message of the view.
func (v *View) UID(seq uint32) UID { return v.uids[seq-1] }
