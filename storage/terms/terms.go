// Package terms answers which documents contain a text, without reading them.
//
// The texts of a document are cut into terms (see cut.go). A segment is all terms of a range of
// documents, each with the documents that have it, in blocks of some 32 KiB. A needle that lies
// within one term wherever it occurs is looked for as a substring of all terms: the documents of the
// terms hit are the answer, and it is exact. Other needles are looked for in pieces; the documents
// that have all of them may contain the needle, and all others do not.
//
// The package knows bytes and numbers only: no files, no SQL, no mail. Nothing in it is safe for
// concurrent use, except that a Set may be read by many.
package terms

import "errors"

// ErrCorrupt is returned for a block that no Builder and no Merge can have made.
var ErrCorrupt = errors.New("terms: corrupt block")

// Field says which of a document's texts a term is from.
type Field uint8

const (
	Body Field = iota
	Headers
	From
	To
	Cc
	Bcc
	Subject

	fields
)

// Span is the range of ids that a segment covers, both ends included. Ids are not negative. A
// segment's postings count from First, so it has to be read with the First it was written with.
type Span struct {
	First, Last int64
}

// valid says whether the span covers any document.
func (s Span) valid() bool { return 0 <= s.First && s.First <= s.Last }

// Block is a run of terms of one field, ascending, with the documents that have them. A segment is
// blocks in ascending order of field and term.
type Block struct {
	Field Field
	// Terms is each term between bytes 0x00: one byte of them between neighbours, one before the
	// first, one after the last. Terms have 1 to 64 bytes and no 0x00.
	Terms []byte
	// Postings is the documents of each term, in the same order (see postings.go).
	Postings []byte
}

const (
	maxTerms = 32 << 10
	// enoughPostings ends a block whose terms are in so many documents that it would grow large.
	enoughPostings = 64 << 10
)

// writer gathers terms into blocks.
type writer struct {
	yield func(Block) error
	block Block
}

// add appends a term that comes after all before it, with its documents.
func (w *writer) add(f Field, term []byte, first int64, docs *list) error {
	b := &w.block
	full := len(b.Terms)+len(term)+1 > maxTerms || len(b.Postings) >= enoughPostings
	if full || f != b.Field {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(b.Terms) == 0 {
		b.Field = f
		b.Terms = append(b.Terms, 0)
	}
	b.Terms = append(append(b.Terms, term...), 0)
	b.Postings = docs.appendTo(b.Postings, first)
	return nil
}

// flush hands the block over, if there is anything in it.
func (w *writer) flush() error {
	b := w.block
	w.block.Terms, w.block.Postings = b.Terms[:0], b.Postings[:0]
	if len(b.Terms) == 0 {
		return nil
	}
	return w.yield(b)
}
