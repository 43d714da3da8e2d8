package server

import "satchel/backend"

// saved is the result variable of RFC 5182, "$": ranges of UIDs. Messages that are
// expunged drop out of it by themselves, since no message has their UIDs any more.
// It is as large as the result it came from, so there is no need for NOTSAVED.

// savedSet is "$" as a set of UIDs or of sequence numbers. RFC 5182, 2.1: when it is
// empty it names no message, and is no error.
func (s *session) savedSet(uid bool) ([]backend.Range, error) {
	if uid {
		return s.saved, nil
	}
	sel, err := s.view.Resolve(s.saved, true)
	if err != nil {
		return nil, err
	}
	var set []backend.Range
	for first, last := range s.view.Runs(sel, false) {
		set = append(set, backend.Range{First: first, Last: last})
	}
	return set, nil
}

// searched is the end of a SEARCH. After the NO of one with SAVE the variable is
// empty, after a BAD it is what it was. RFC 5182, 2.1.
func (s *session) searched(p *searchParser, err error) error {
	if err == nil || !p.options.has(returnSave) {
		return err
	}
	end := s.ending(err)
	if end == nil {
		return err
	}
	if end.status == statusNO {
		s.saved = nil
	}
	return end
}
