package terms

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// maxPieces is how many pieces of a needle are looked for. More hardly leave fewer documents.
const maxPieces = 8

// Finder looks for one needle in segments, in one field at a time: Look for each of the field's blocks,
// then Take.
type Finder struct {
	pieces []piece
	exact  bool
}

// piece is a part of the needle that lies within one term of each document that has the needle.
type piece struct {
	pattern []byte // with the 0x00 before or after the term, if it begins or ends there
	lead    int    // the number of 0x00 it begins with
	found   Set    // documents of the segment that have it
}

// NewFinder makes a Finder for folded text. It keeps nothing of needle.
func NewFinder(needle []byte) *Finder {
	f := new(Finder)
	if !utf8.Valid(needle) {
		return f // its ends may be in the middle of characters, which nothing here expects
	}
	for i := 0; i < len(needle); {
		class, n := run(needle[i:])
		if class != separator {
			f.cut(class, needle[i:i+n], i > 0, i+n < len(needle))
			f.exact = n == len(needle) && len(f.pieces) == 1 && (class == unspaced || n <= certain)
		}
		i += n
	}
	slices.SortStableFunc(f.pieces, func(a, b piece) int { return len(b.pattern) - len(a.pattern) })
	f.pieces = f.pieces[:min(len(f.pieces), maxPieces)]
	return f
}

// cut makes pieces of a run of the needle; begins and ends say whether the text's run has the same
// beginning and end because the needle goes on there.
func (f *Finder) cut(class class, run []byte, begins, ends bool) {
	if class == unspaced && utf8.RuneCount(run) > 1 {
		f.pairs(run)
		return
	}
	// If the text's run is longer than a window, its first window begins as the run does, and its last
	// one ends as it does.
	switch {
	case begins:
		ends = ends || len(run) >= window
		run = run[:min(len(run), window)]
	case ends:
		run = run[max(0, len(run)-window):]
	default:
		run = run[:min(len(run), certain)]
	}
	var p piece
	if begins {
		p.lead = 1
		p.pattern = append(p.pattern, 0)
	}
	p.pattern = append(p.pattern, run...)
	if ends {
		p.pattern = append(p.pattern, 0)
	}
	f.pieces = append(f.pieces, p)
}

// pairs makes a piece of each pair of neighbours. Only that very term contains it.
func (f *Finder) pairs(run []byte) {
	_, first := utf8.DecodeRune(run)
	for {
		_, second := utf8.DecodeRune(run[first:])
		if second == 0 {
			return
		}
		f.pieces = append(f.pieces, piece{pattern: bytes.Clone(run[:first+second])})
		run, first = run[first:], second
	}
}

// Any says that the needle has nothing to look for: any document may contain it.
func (f *Finder) Any() bool { return len(f.pieces) == 0 }

// Exact says that the documents found do contain the needle. Otherwise they may. In both cases the
// others do not.
func (f *Finder) Exact() bool { return f.exact }

// Hits says whether Look would find anything in the block, of which only Terms is needed.
func (f *Finder) Hits(terms []byte) bool {
	for i := range f.pieces {
		if bytes.Contains(terms, f.pieces[i].pattern) {
			return true
		}
	}
	return false
}

// Look looks through a block of a segment. The blocks of a field may come in any order.
func (f *Finder) Look(span Span, b Block) error {
	t := b.Terms
	if !span.valid() || len(t) == 0 || t[0] != 0 || t[len(t)-1] != 0 {
		return ErrCorrupt
	}
	for i := range f.pieces {
		if err := f.pieces[i].look(span, b); err != nil {
			return err
		}
	}
	return nil
}

var separators = []byte{0}

// look goes from hit to hit, and along the postings with it. Several hits within a term are one.
func (p *piece) look(span Span, b Block) error {
	docs := postings{span, b.Postings}
	t := b.Terms
	next := 0 // the number of the term whose documents come next
	seen := 0 // the number of terms that begin before t
	for {
		at := bytes.Index(t, p.pattern)
		if at < 0 {
			return nil
		}
		if next == 0 {
			p.found.cover(span.First, span.Last)
		}
		at += p.lead
		number := seen + bytes.Count(t[:at], separators) - 1
		if err := docs.skip(number - next); err != nil {
			return err
		}
		if err := docs.into(&p.found); err != nil {
			return err
		}
		next = number + 1
		t = t[at+bytes.IndexByte(t[at:], 0):]
		seen = next
	}
}

// Take adds the documents that have all pieces to into, and begins anew, with the next field or
// segment.
func (f *Finder) Take(into *Set) {
	if f.Any() {
		return
	}
	all := &f.pieces[0].found
	for i := range f.pieces[1:] {
		found := &f.pieces[1+i].found
		all.And(found)
		found.empty()
	}
	into.Or(all)
	all.empty()
}
