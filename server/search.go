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
		p.progress = s.progress()
		err = s.runSearch(s.view, p, s.uid, "")
	}
	return s.searched(p, err)
}

// runSearch searches a view, keeps and answers what was found. mailbox is the name
// that the answer is to have, if any; then there is none when nothing was found
// (RFC 7377, 2.1).
func (s *session) runSearch(v *backend.View, p *searchParser, uid bool, mailbox string) error {
	if p.modseq {
		s.turnOn(condstore)
	}
	before := v.PulledModSeq()
	found, err := s.find(v, p)
	if err != nil {
		return err
	}
	r := searchResults{v, found.Selection, uid}
	chosen := r.chosen(&p.options)
	e := esearch{options: &p.options, results: r, uid: uid, mailbox: mailbox, uidValidity: v.UIDValidity()}
	if p.modseq {
		e.modseq = v.HighestModSeqOf(chosen)
	}
	if p.options.has(returnSave) {
		s.saved = v.Ranges(chosen)
	}
	if err := s.answerSearch(p, &e, r); err != nil {
		return err
	}
	if p.options.has(returnUpdate) && v == s.view {
		s.follow(&searchContext{uid: uid, mailbox: mailbox, query: v.Pinned(p.query), members: v.Ranges(r.sel), modseq: before})
	}
	return nil
}

// answerSearch writes the answer that was asked for.
func (s *session) answerSearch(p *searchParser, e *esearch, r searchResults) error {
	switch {
	case p.options.items == returnSave: // RFC 5182, 2: nothing else was asked for
		return nil
	case e.mailbox != "" && r.Len() == 0:
		return nil
	case !p.options.given:
		return s.end(r.appendSearch(s.begin(), e.modseq))
	}
	return s.end(s.appendESearch(s.begin(), e))
}

// find runs a search on a view.
func (s *session) find(v *backend.View, p *searchParser) (backend.Found, error) {
	o := backend.SearchOptions{Most: s.mostMessages(), Progress: p.progress}
	o.Enough, o.Backward = p.options.enough()
	found, err := v.Search(s.srv.ctx, p.query, o)
	if found.LowestUID > 0 {
		s.stoppedAt(found.LowestUID)
	}
	return found, s.stopped(err)
}

// findAll searches the selected mailbox for all that matches. RFC 9738, 3.3: a part of
// the messages cannot be sorted.
func (s *session) findAll(p *searchParser) (backend.Found, error) {
	o := backend.SearchOptions{Most: s.mostMessages(), Progress: s.progress()}
	found, err := s.view.Search(s.srv.ctx, p.query, o)
	if err == nil && found.LowestUID > 0 {
		return found, s.tooMany(s.mostMessages())
	}
	return found, s.stopped(err)
}

// stopped is the error of a command that the server's end may have cut short.
func (s *session) stopped(err error) error {
	if s.srv.ctx.Err() != nil {
		return backend.ErrClosed
	}
	return err
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
