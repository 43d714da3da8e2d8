package server

import (
	"fmt"
	"strconv"

	"satchel/backend"
)

// RFC 9738: one command works on so many messages at most, the last ones of those it
// names, and its OK says where it stopped. What saves messages does all or nothing.

// messageLimit and saveLimit are what their capabilities announce. RFC 9738, 3: only
// one of the two.
func messageLimit(s *session) string { return strconv.Itoa(s.srv.cfg.MessageLimit) }
func saveLimit(s *session) string    { return strconv.Itoa(s.srv.cfg.SaveLimit) }
func limitsSaves(s *session) bool    { return s.srv.cfg.SaveLimit > 0 }
func limitsAll(s *session) bool      { return !limitsSaves(s) }

// mostMessages is how many messages a command may work on, 0 for any number.
func (s *session) mostMessages() int {
	if limitsSaves(s) {
		return 0
	}
	return s.srv.cfg.MessageLimit
}

// within leaves out the first of a selection's messages if it has more than a command
// may work on; the frame then tells.
func (s *session) within(sel backend.Selection) backend.Selection {
	if most := s.mostMessages(); most > 0 && sel.Len() > most {
		sel = sel.Slice(sel.Len()-most, sel.Len())
		s.stoppedAt(s.view.LowestUID(sel))
	}
	return sel
}

// deletedWithin is within for a command that works only on what is \Deleted.
func (s *session) deletedWithin(sel backend.Selection) (backend.Selection, error) {
	if most := s.mostMessages(); most == 0 || sel.Len() <= most {
		return sel, nil
	}
	deleted := backend.Query{Op: backend.QueryFlags, Flags: backend.FlagDeleted}
	found, err := s.view.Search(s.srv.ctx, &deleted, backend.SearchOptions{In: &sel})
	return s.within(found.Selection), err
}

// stoppedAt notes the lowest UID that a command worked on if it left out some below.
func (s *session) stoppedAt(uid backend.UID) { s.lowest = uid }

// saveable refuses to save more messages than a command may.
func (s *session) saveable(n int) error {
	return s.atMost(n, max(s.mostMessages(), s.srv.cfg.SaveLimit))
}

// processable refuses work that is done on all messages or on none, and on more of
// them than a command may.
func (s *session) processable(n int) error { return s.atMost(n, s.mostMessages()) }

func (s *session) atMost(n, most int) error {
	if most == 0 || n <= most {
		return nil
	}
	return s.tooMany(most)
}

func (s *session) tooMany(most int) error {
	return s.no(fmt.Sprintf("MESSAGELIMIT %d", most), "More messages than one command may have")
}

// limited puts the code MESSAGELIMIT into the status of a command that stopped early:
// into a line of its own if the status has a code already.
func (s *session) limited(end *response) *response {
	uid := s.lowest
	s.lowest = 0
	if uid == 0 || end == nil || end.status != statusOK {
		return end
	}
	code := fmt.Sprintf("MESSAGELIMIT %d %d", s.srv.cfg.MessageLimit, uid)
	if end.code != "" {
		s.untagged("NO [%s] Stopped there", code)
		return end
	}
	return &response{statusOK, code, "Stopped there: too many messages"}
}
