package server

import (
	"slices"

	"satchel/backend"
	"satchel/server/wire"
)

// maxContexts bounds the searches of a session whose changes are told.
const maxContexts = 8

// searchContext is a search whose client hears of every change of what it finds:
// RFC 5267, 4.3. It ends with CANCELUPDATE, or when the mailbox is left.
type searchContext struct {
	tag     string // of the searching command
	uid     bool   // it counts by UIDs
	mailbox string // its name, if the command was ESEARCH (RFC 7377, 2.1)
	query   *backend.Query
	members []backend.Range  // UIDs: what the client knows as found
	modseq  backend.ModSeq   // changes up to here are in members
	by      []backend.SortBy // of a SORT, else nil
	order   []backend.UID    // of a SORT: the members in its order
}

// follow makes a search one whose changes are told. RFC 5267, 4.3.1: if there are too
// many, an untagged NO says so, and the search itself is answered all the same.
func (s *session) follow(c *searchContext) {
	c.tag = s.wire.Tag()
	if len(s.contexts) == maxContexts {
		s.refuseUpdates(c.tag, "Too many searches with UPDATE")
		return
	}
	s.contexts = append(s.contexts, c)
}

// refuseUpdates tells that a search's changes are not told, or no longer.
func (s *session) refuseUpdates(tag, text string) {
	b := wire.AppendQuoted(append(s.begin(), "* NO [NOUPDATE "...), tag)
	s.end(append(append(append(b, "] "...), text...), "\r\n"...))
}

// refuseCounted ends the updates of searches that count by sequence numbers, which a
// client with UIDONLY must not be told. RFC 9586, 3.
func (s *session) refuseCounted() {
	s.contexts = slices.DeleteFunc(s.contexts, func(c *searchContext) bool {
		if !c.uid {
			s.refuseUpdates(c.tag, "It counts by sequence numbers")
		}
		return !c.uid
	})
}

// context finds the search with a tag, -1 if its changes are not told.
func (s *session) context(tag string) int {
	return slices.IndexFunc(s.contexts, func(c *searchContext) bool { return c.tag == tag })
}

// cancelUpdate: "CANCELUPDATE" 1*(SP quoted). RFC 5267, 4.3.5.
func (s *session) cancelUpdate() error {
	var tags []string
	for len(tags) == 0 || s.wire.Peek() == ' ' {
		if err := s.wire.SP(); err != nil {
			return err
		}
		tag, err := s.wire.String()
		if err != nil {
			return err
		}
		if s.context(tag) < 0 || slices.Contains(tags, tag) {
			return &wire.SyntaxError{Text: "No search with such a tag is kept up to date"}
		}
		tags = append(tags, tag)
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.contexts = slices.DeleteFunc(s.contexts, func(c *searchContext) bool { return slices.Contains(tags, c.tag) })
	return nil
}

// appendExpungedResults tells which results of searches are being expunged. It comes
// before EXPUNGE, while the sequence numbers are those of before. RFC 5267, 4.3.4.
func (s *session) appendExpungedResults(b []byte, changes *backend.Changes) []byte {
	for _, c := range s.contexts {
		uids, numbers := c.expunged(changes)
		switch {
		case len(uids) == 0:
			continue
		case c.by == nil:
			b = append(wire.AppendSet(append(s.appendContext(b, c), " REMOVEFROM (0 "...), numbers), ')')
		default:
			left := map[backend.UID]uint32{}
			for i, uid := range uids {
				left[uid] = numbers[i]
			}
			b = appendPlaces(s.appendContext(b, c), " REMOVEFROM ", c.leave(left))
		}
		b = append(b, "\r\n"...)
	}
	return b
}

// expunged lists the results that are being expunged, and what the client calls them.
func (c *searchContext) expunged(changes *backend.Changes) (uids []backend.UID, numbers []uint32) {
	last := len(changes.Vanished) - 1
	for i, uid := range changes.Vanished {
		if !c.holds(uid) {
			continue
		}
		uids = append(uids, uid)
		if c.uid {
			numbers = append(numbers, uint32(uid))
		} else {
			numbers = append(numbers, changes.Expunged[last-i])
		}
	}
	return uids, numbers
}

// holds reports whether the client knows a message as found.
func (c *searchContext) holds(uid backend.UID) bool {
	_, ok := slices.BinarySearchFunc(c.members, uint32(uid), func(r backend.Range, n uint32) int {
		switch {
		case r.Last < n:
			return -1
		case r.First > n:
			return 1
		}
		return 0
	})
	return ok
}

// updateContexts tells how the results of searches change with what the session has
// just been told.
func (s *session) updateContexts() error {
	now := s.view.PulledModSeq()
	for i := 0; i < len(s.contexts); i++ {
		c := s.contexts[i]
		if c.modseq == now {
			continue
		}
		err := s.updateContext(c)
		if s.srv.ctx.Err() != nil || s.wire.Broken() {
			return err
		}
		if err != nil {
			s.log().Error("search again", "error", err)
			s.contexts = slices.Delete(s.contexts, i, i+1)
			i--
			s.refuseUpdates(c.tag, "The search failed")
		}
		c.modseq = now
	}
	return nil
}

// updateContext tells how one search's results change. RFC 5267, 4.3.3: position 0
// stands for the mailbox's order.
func (s *session) updateContext(c *searchContext) error {
	added, removed, err := s.refresh(c)
	if err != nil || added.Len() == 0 && removed.Len() == 0 {
		return err
	}
	if c.by == nil {
		return s.end(s.appendUpdate(s.begin(), c, added, removed))
	}
	b, err := s.appendSorted(s.begin(), c, added, removed)
	if err != nil {
		return err
	}
	return s.end(b)
}

// refresh searches what changed since the last time.
func (s *session) refresh(c *searchContext) (added, removed backend.Selection, err error) {
	changed := s.view.ChangedSince(s.view.All(), c.modseq)
	if changed.Len() == 0 {
		return added, removed, nil
	}
	found, err := s.view.Search(s.srv.ctx, c.query, backend.SearchOptions{In: &changed})
	if err != nil {
		return added, removed, err
	}
	members, err := s.view.Resolve(c.members, true)
	if err != nil {
		return added, removed, err
	}
	added = found.Without(members)
	removed = members.Intersect(changed.Without(found.Selection))
	c.members = s.view.Ranges(backend.Union(members.Without(removed), added))
	return added, removed, nil
}

// appendUpdate writes what was added to a search's results and removed from them.
func (s *session) appendUpdate(b []byte, c *searchContext, added, removed backend.Selection) []byte {
	b = s.appendContext(b, c)
	for _, part := range []struct {
		name string
		sel  backend.Selection
	}{{" REMOVEFROM (0 ", removed}, {" ADDTO (0 ", added}} {
		if n := part.sel.Len(); n > 0 {
			r := searchResults{s.view, part.sel, c.uid}
			b = append(r.appendSet(append(b, part.name...), resultRange{0, n}), ')')
		}
	}
	return append(b, "\r\n"...)
}

// appendContext begins an ESEARCH response about a search of before.
func (s *session) appendContext(b []byte, c *searchContext) []byte {
	b = s.appendCorrelator(append(b, "* ESEARCH "...), c.tag, c.mailbox, s.view.UIDValidity())
	if c.uid {
		b = append(b, " UID"...)
	}
	return b
}
