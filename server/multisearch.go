package server

import (
	"errors"
	"slices"

	"satchel/backend"
	"satchel/server/wire"
)

// maxSearched bounds the mailboxes that one ESEARCH looks through. RFC 7377, 2.4.
const maxSearched = 1000

// multiSearch: "ESEARCH" [SP "IN" SP "(" source-mbox ")"] [SP "RETURN" SP
// search-return-opts] SP search-program. RFC 7377, 2: as UID SEARCH, in several
// mailboxes, with an ESEARCH response for each in which something was found.
func (s *session) multiSearch() error {
	p, sources, err := s.multiArguments()
	if err == nil {
		err = s.runSources(p, sources)
	}
	return s.searched(p, err)
}

// multiArguments reads the arguments of ESEARCH, to the end of the line.
func (s *session) multiArguments() (*searchParser, *mailboxFilter, error) {
	p := &searchParser{s: s}
	sources := &mailboxFilter{selected: true}
	word, err := p.nextWord()
	if err == nil && word == "IN" {
		if sources, err = s.searchSources(); err == nil {
			word, err = p.nextWord()
		}
	}
	if err == nil {
		err = p.arguments(word)
	}
	if err == nil && !p.options.given { // RFC 7377, 2.1
		p.options = returnOptions{given: true, items: returnAll}
	}
	return p, sources, err
}

// searchSources reads SP "(" source-mbox ")". RFC 7377, 4; no scope options exist.
func (s *session) searchSources() (*mailboxFilter, error) {
	if err := s.wire.SP(); err != nil {
		return nil, err
	}
	f, filters := &mailboxFilter{}, 0
	err := s.wire.List(func() error {
		filters++
		return s.readMailboxFilter(f)
	})
	if err == nil && filters == 0 {
		err = &wire.SyntaxError{Text: "No mailboxes to search"}
	}
	return f, err
}

// runSources searches the mailboxes that the sources name.
func (s *session) runSources(p *searchParser, sources *mailboxFilter) error {
	if sources.selected || p.options.has(returnUpdate) {
		if s.view == nil { // RFC 7377, 2.2
			return s.bad("Select a mailbox first")
		}
	}
	if !sources.onlySelected() && p.options.has(returnSave) {
		return s.bad("Only a search in the selected mailbox alone can be saved")
	}
	if !sources.onlySelected() && p.saved {
		return s.no("CANNOT", "What was saved is of the selected mailbox")
	}
	names := s.filtered(sources)
	if len(names) > maxSearched {
		return backend.ErrLimit
	}
	report := s.progress()
	for i, name := range names {
		p.progress = func(int, int) error { return report(i, len(names)) }
		err := s.searchIn(p, name)
		if err != nil && !errors.Is(err, backend.ErrNotFound) { // deleted meanwhile
			return err
		}
	}
	return nil
}

// searchIn searches one mailbox, the selected one as the client sees it.
func (s *session) searchIn(p *searchParser, name string) error {
	if s.view != nil && s.view.Name() == name {
		return s.runSearch(s.view, p, true, name)
	}
	return s.account.Look(name, func(v *backend.View) error { return s.runSearch(v, p, true, name) })
}

// filtered is the names of the mailboxes that a filter means and that exist, each
// once, in the order of LIST.
func (s *session) filtered(f *mailboxFilter) []string {
	if f.onlySelected() {
		return []string{s.view.Name()}
	}
	var names []string
	for _, info := range s.account.List() {
		here := f.selected && s.view != nil && s.view.Name() == info.Name
		if info.Exists && (here || f.means(&info)) {
			names = append(names, info.Name)
		}
	}
	return slices.Compact(names)
}
