package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// search: "SEARCH" [SP "RETURN" SP search-return-opts] SP ["CHARSET" SP astring SP]
// search-key *(SP search-key). RFC 3501, 6.4.4; RFC 4466, 2.6.1; with UID 6.4.8: the
// answer then holds UIDs.
func (s *session) search() error {
	p, err := s.searchArguments()
	if err == nil {
		err = s.runSearch(p)
	}
	if err != nil && p.options.has(returnSave) {
		return s.searchFailed(err)
	}
	return err
}

// runSearch searches the selected mailbox, keeps and answers what was found.
func (s *session) runSearch(p *searchParser) error {
	if p.modseq {
		s.turnOn(condstore)
	}
	found, err := s.find(s.view, p)
	if err != nil {
		return err
	}
	r := searchResults{s.view, found.Selection, s.uid}
	var modseq backend.ModSeq
	chosen := r.chosen(&p.options)
	if p.modseq {
		modseq = s.view.HighestModSeqOf(chosen)
	}
	if p.options.has(returnSave) {
		s.saved = s.view.Ranges(chosen)
	}
	if p.options.items == returnSave { // RFC 5182, 2: nothing else was asked for
		return nil
	}
	if !p.options.given {
		return s.end(r.appendSearch(s.begin(), modseq))
	}
	return s.end(s.appendESearch(s.begin(), &esearch{options: &p.options, results: r, uid: s.uid, modseq: modseq}))
}

// find runs a search on a view.
func (s *session) find(v *backend.View, p *searchParser) (backend.Found, error) {
	o := backend.SearchOptions{Most: s.mostMessages(), Progress: s.progress("Searching")}
	o.Enough, o.Backward = p.options.enough()
	found, err := v.Search(s.srv.ctx, p.query, o)
	if found.LowestUID > 0 {
		s.stoppedAt(found.LowestUID)
	}
	if s.srv.ctx.Err() != nil {
		return found, backend.ErrClosed
	}
	return found, err
}

// appendSearch writes the SEARCH response. RFC 7162, 3.1.5: with the highest
// mod-sequence of what was found, if there was a MODSEQ key.
func (r searchResults) appendSearch(b []byte, modseq backend.ModSeq) []byte {
	b = append(b, "* SEARCH"...)
	for first, last := range r.view.Runs(r.sel, r.uid) {
		for n := first; n <= last; n++ {
			b = wire.AppendNumber(append(b, ' '), uint64(n))
		}
	}
	if modseq > 0 {
		b = append(wire.AppendNumber(append(b, " (MODSEQ "...), uint64(modseq)), ')')
	}
	return append(b, "\r\n"...)
}
