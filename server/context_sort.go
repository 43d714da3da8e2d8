package server

import (
	"slices"

	"satchel/backend"
	"satchel/server/wire"
)

// A SORT whose changes are told (RFC 5267, 4.3) is a search with an order besides: what
// a message is sorted by never changes, so the results keep their order among each
// other, and each that comes or goes has a position in it.

// place is a result at its position in the order, counted from 1.
type place struct {
	position int
	number   uint32 // sequence number or UID, as the client counts
}

// newSortContext follows a SORT that was just answered.
func (s *session) newSortContext(p *searchParser, by []backend.SortBy, r *sortResults, found backend.Selection, before backend.ModSeq) {
	c := &searchContext{uid: r.uid, query: s.view.Pinned(p.query), members: s.view.Ranges(found), modseq: before, by: by}
	for _, seq := range r.seqs {
		c.order = append(c.order, s.view.UID(seq))
	}
	s.follow(c)
}

// appendPlaces writes a return data item with positions: " ADDTO (1 2733 4 2740)".
// They are good one after the other: those removed come from the end, those added
// from the front.
func appendPlaces(b []byte, item string, places []place) []byte {
	if len(places) == 0 {
		return b
	}
	b = append(append(b, item...), '(')
	for i, p := range places {
		if i > 0 {
			b = append(b, ' ')
		}
		b = wire.AppendNumber(append(wire.AppendNumber(b, p.position), ' '), p.number)
	}
	return append(b, ')')
}

// leave takes messages out of the order, which have these numbers for the client, and
// gives their positions, from the end.
func (c *searchContext) leave(numbers map[backend.UID]uint32) []place {
	var places []place
	for i := len(c.order) - 1; i >= 0; i-- {
		if number, gone := numbers[c.order[i]]; gone {
			places = append(places, place{i + 1, number})
		}
	}
	c.order = slices.DeleteFunc(c.order, func(uid backend.UID) bool { _, gone := numbers[uid]; return gone })
	return places
}

// appendSorted writes what was added to a SORT's results and removed from them.
func (s *session) appendSorted(b []byte, c *searchContext, added, removed backend.Selection) ([]byte, error) {
	left := map[backend.UID]uint32{}
	for _, row := range s.view.Rows(removed, 0, removed.Len(), nil) {
		left[row.UID] = s.numberOf(c, row.Seq)
	}
	b = appendPlaces(s.appendContext(b, c), " REMOVEFROM ", c.leave(left))
	if added.Len() > 0 {
		places, err := s.sortIn(c)
		if err != nil {
			return b, err
		}
		b = appendPlaces(b, " ADDTO ", places)
	}
	return append(b, "\r\n"...), nil
}

// sortIn puts the members that are not in the order yet into it, and gives their
// positions, from the front.
func (s *session) sortIn(c *searchContext) ([]place, error) {
	members, err := s.view.Resolve(c.members, true)
	if err != nil {
		return nil, err
	}
	seqs, err := s.view.Sort(s.srv.ctx, members, c.by)
	if err != nil {
		return nil, err
	}
	var places []place
	order := make([]backend.UID, 0, len(seqs))
	for i, seq := range seqs {
		uid := s.view.UID(seq)
		if at := len(order) - len(places); at >= len(c.order) || c.order[at] != uid {
			places = append(places, place{i + 1, s.numberOf(c, seq)})
		}
		order = append(order, uid)
	}
	c.order = order
	return places, nil
}

// numberOf is what the client of a search calls a message.
func (s *session) numberOf(c *searchContext, seq uint32) uint32 {
	if c.uid {
		return uint32(s.view.UID(seq))
	}
	return seq
}
