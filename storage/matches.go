package storage

import "slices"

// Matches is what the search index knows of a text: which messages have it. It takes
// at most half a KiB and a little for each member, and a little more than a bit for
// each ID where many are. One goroutine at a time may change it.
type Matches struct {
	covered MessageID
	exact   bool
	numbers []MessageID    // of pages, ascending
	pages   []*matchesPage // none is empty
}

// matchesPage has a bit for each of pageIDs messages.
type matchesPage [pageIDs / 64]uint64

const pageIDs = 4096

// NewMatches has no members: no message up to covered has the text.
func NewMatches(covered MessageID, exact bool) *Matches {
	return &Matches{covered: covered, exact: exact}
}

// Covered is the last message that is decided: up to it, those that are no members do not
// have the text. Of later ones nothing is known, members or not.
func (m *Matches) Covered() MessageID { return m.covered }

// Exact reports whether the members have the text; otherwise each may have it or not.
func (m *Matches) Exact() bool { return m.exact }

// Add makes a message a member.
func (m *Matches) Add(id MessageID) {
	m.page(id / pageIDs)[id%pageIDs/64] |= 1 << (id % 64)
}

// Has reports whether a message is a member.
func (m *Matches) Has(id MessageID) bool {
	i, ok := m.find(id / pageIDs)
	return ok && m.pages[i][id%pageIDs/64]&(1<<(id%64)) != 0
}

// Or adds the members of other: what is known of "one of both texts", as far as both
// know. It is exact if both are.
func (m *Matches) Or(other *Matches) {
	m.meet(other)
	for i, number := range other.numbers {
		p := m.page(number)
		for w, word := range other.pages[i] {
			p[w] |= word
		}
	}
}

// And leaves the members that other has too: what is known of "both texts", as far as
// both know. It is exact if both are.
func (m *Matches) And(other *Matches) {
	m.meet(other)
	kept := 0
	for i, number := range m.numbers {
		if k, ok := other.find(number); ok && m.pages[i].and(other.pages[k]) {
			m.numbers[kept], m.pages[kept] = number, m.pages[i]
			kept++
		}
	}
	clear(m.pages[kept:])
	m.numbers, m.pages = m.numbers[:kept], m.pages[:kept]
}

// and leaves the bits that other has too, and reports whether there are any.
func (p *matchesPage) and(other *matchesPage) bool {
	any := uint64(0)
	for w := range p {
		p[w] &= other[w]
		any |= p[w]
	}
	return any != 0
}

// meet lowers what is claimed to what holds for both.
func (m *Matches) meet(other *Matches) {
	m.covered, m.exact = min(m.covered, other.covered), m.exact && other.exact
}

// page is the page of a number, which may be new.
func (m *Matches) page(number MessageID) *matchesPage {
	i, ok := m.find(number)
	if !ok {
		m.numbers = slices.Insert(m.numbers, i, number)
		m.pages = slices.Insert(m.pages, i, new(matchesPage))
	}
	return m.pages[i]
}

// find is the place of a page, or where it would be. Where no page is left out it is at
// its number.
func (m *Matches) find(number MessageID) (int, bool) {
	if number < MessageID(len(m.numbers)) && m.numbers[number] == number {
		return int(number), true
	}
	return slices.BinarySearch(m.numbers, number)
}
