package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// sort: "SORT" [SP "RETURN" SP search-return-opts] SP "(" sort-criterion *(SP
// sort-criterion) ")" SP charset 1*(SP search-key). RFC 5256, 3; RFC 5267, 3; with UID
// the answer holds UIDs.
func (s *session) sort() error {
	p, by, err := s.sortArguments()
	if err == nil {
		err = s.runSort(p, by)
	}
	return s.searched(p, err)
}

// sortArguments reads the arguments, to the end of the line. What it read before an
// error is in the parser.
func (s *session) sortArguments() (p *searchParser, by []backend.SortBy, err error) {
	p = &searchParser{s: s}
	if err := s.wire.SP(); err != nil {
		return p, nil, err
	}
	if s.wire.Peek() != '(' {
		if word, err := s.wire.Word(); err != nil || word != "RETURN" {
			return p, nil, &wire.SyntaxError{Text: "Sort criteria expected"}
		}
		if p.options, err = s.returnOptions(); err != nil {
			return p, nil, err
		}
		if err := s.wire.SP(); err != nil {
			return p, nil, err
		}
	}
	if by, err = s.sortCriteria(); err != nil {
		return p, nil, err
	}
	return p, by, p.criteria()
}

// criteria reads SP charset 1*(SP search-key), to the end of the line: in SORT and
// THREAD the charset is a must (RFC 5256, 3).
func (p *searchParser) criteria() error {
	if err := p.readCharset(); err != nil {
		return err
	}
	word, err := p.nextWord()
	if err != nil {
		return err
	}
	return p.keysToEnd(word)
}

// sortTable is the sort criteria by name. RFC 5256, 3; RFC 5957, 4; RFC 6203, 4.
var sortTable = map[string]backend.SortKey{
	"ARRIVAL":     backend.SortArrival,
	"CC":          backend.SortCc,
	"DATE":        backend.SortDate,
	"DISPLAYFROM": backend.SortDisplayFrom,
	"DISPLAYTO":   backend.SortDisplayTo,
	"FROM":        backend.SortFrom,
	"RELEVANCY":   backend.SortRelevancy,
	"SIZE":        backend.SortSize,
	"SUBJECT":     backend.SortSubject,
	"TO":          backend.SortTo,
}

// sortCriteria reads "(" sort-criterion *(SP sort-criterion) ")". A key that was there
// before decides nothing any more, and is left out.
func (s *session) sortCriteria() (by []backend.SortBy, err error) {
	seen := map[backend.SortKey]bool{}
	empty := true
	err = s.wire.List(func() error {
		c, err := s.sortCriterion()
		if err == nil && !seen[c.Key] {
			seen[c.Key] = true
			by = append(by, c)
		}
		empty = false
		return err
	})
	if err == nil && empty {
		err = &wire.SyntaxError{Text: "No sort criteria"}
	}
	return by, err
}

// sortCriterion reads ["REVERSE" SP] sort-key.
func (s *session) sortCriterion() (c backend.SortBy, err error) {
	word, err := s.wire.Word()
	if err == nil && word == "REVERSE" {
		c.Reverse = true
		if err = s.wire.SP(); err == nil {
			word, err = s.wire.Word()
		}
	}
	key, known := sortTable[word]
	if err == nil && !known {
		err = &wire.SyntaxError{Text: "Unknown sort criterion"}
	}
	c.Key = key
	return c, err
}

// runSort searches, sorts, keeps and answers.
func (s *session) runSort(p *searchParser, by []backend.SortBy) error {
	if p.modseq {
		s.turnOn(condstore)
	}
	before := s.view.PulledModSeq()
	found, err := s.findAll(p)
	if err != nil {
		return err
	}
	seqs, err := s.view.Sort(s.srv.ctx, found.Selection, by)
	if err != nil {
		return s.stopped(err)
	}
	r := &sortResults{view: s.view, seqs: seqs, uid: s.uid}
	chosen, err := r.chosen(&p.options, found.Selection)
	if err != nil {
		return err
	}
	if p.options.has(returnSave) {
		s.saved = s.view.Ranges(chosen)
	}
	var modseq backend.ModSeq
	if p.modseq { // RFC 7162, 3.1.6
		modseq = s.view.HighestModSeqOf(chosen)
	}
	if p.options.items == returnSave && p.options.given {
		return nil
	}
	if !p.options.given {
		return s.writeSort(r, modseq)
	}
	err = s.end(s.appendESearch(s.begin(), &esearch{options: &p.options, results: r, uid: s.uid, modseq: modseq}))
	if err == nil && p.options.has(returnUpdate) {
		s.newSortContext(p, by, r, found.Selection, before)
	}
	return err
}

// writeSort writes the SORT response.
func (s *session) writeSort(r *sortResults, modseq backend.ModSeq) error {
	b := append(s.begin(), "* SORT"...)
	for i := range r.seqs {
		b = wire.AppendNumber(append(b, ' '), uint64(r.number(i)))
	}
	if modseq > 0 {
		b = append(wire.AppendNumber(append(b, " (MODSEQ "...), uint64(modseq)), ')')
	}
	return s.end(append(b, "\r\n"...))
}
