package terms

import (
	"fmt"
	"hash/maphash"
)

// maxDocument is how much the distinct terms of a document may take, each counted with termCost more
// than its bytes. What has more is a list of numbers or the like: it would fill the index for little.
const (
	maxDocument = 4 << 20
	termCost    = 8
)

// Builder collects documents for a segment.
type Builder struct {
	tables [fields]table
	ids    []int64 // of all documents; the tables count from 1
	opaque []int64
	size   int  // what the last document's terms take
	deaf   bool // the last document is opaque
}

// NewBuilder returns an empty Builder.
func NewBuilder() *Builder {
	b := new(Builder)
	seed := maphash.MakeSeed()
	for f := range b.tables {
		t := &b.tables[f]
		t.seed = seed
		t.cutter.emit = func(text []byte) {
			if b.size <= maxDocument && t.add(text, uint32(len(b.ids))) {
				b.size += len(text) + termCost
			}
		}
	}
	return b
}

// Begin begins a document. Its id is above those of all documents before it.
func (b *Builder) Begin(id int64) {
	for f := range b.tables {
		b.tables[f].begin()
	}
	b.ids = append(b.ids, id)
	b.size, b.deaf = 0, false
}

// Add adds folded text to the document. It may come in pieces that end anywhere; end says that the
// text of this field ends here, and what is added later is another one. Texts of several fields may
// alternate. It keeps nothing of text.
func (b *Builder) Add(f Field, text []byte, end bool) {
	if b.deaf {
		return
	}
	t := &b.tables[f]
	t.cutter.add(text)
	if end {
		t.cutter.end()
	}
	if b.size > maxDocument {
		b.Skip()
	}
}

// Skip makes the document opaque: nothing is known of its texts. Add does so by itself if there are
// too many different terms in them.
func (b *Builder) Skip() {
	if b.deaf {
		return
	}
	for f := range b.tables {
		b.tables[f].cutter.end()
		b.tables[f].forget()
	}
	b.deaf = true
	b.opaque = append(b.opaque, b.ids[len(b.ids)-1])
}

// Opaque gives the documents that are not in the blocks, and may contain anything. The slice is valid
// until Reset.
func (b *Builder) Opaque() []int64 { return b.opaque }

// Memory gives about how many bytes the Builder holds, and will need for Blocks.
func (b *Builder) Memory() int {
	n := 8 * (cap(b.ids) + cap(b.opaque))
	for f := range b.tables {
		n += b.tables[f].memory()
	}
	return n
}

// Blocks writes the documents as a segment that begins at first, which is not negative. What yield gets is valid during the
// call; its error ends the writing and is returned.
func (b *Builder) Blocks(first int64, yield func(Block) error) error {
	next := first
	for _, id := range b.ids {
		if first < 0 || id < next {
			return fmt.Errorf("terms: document %d where %d or one above may come", id, next)
		}
		next = id + 1
	}
	w := writer{yield: yield}
	for f := range b.tables {
		b.tables[f].cutter.end()
		if err := b.write(&w, Field(f), first); err != nil {
			return err
		}
	}
	return w.flush()
}

// write writes the terms of one field.
func (b *Builder) write(w *writer, f Field, first int64) error {
	t := &b.tables[f]
	order := t.sorted()
	docs := t.documents(order)
	var l list
	for _, n := range order {
		own := t.terms[n].docs
		l.reset()
		for _, doc := range docs[:own] {
			l.add(b.ids[doc-1])
		}
		docs = docs[own:]
		if err := w.add(f, t.text(n), first, &l); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets all documents, and keeps the memory for the next ones.
func (b *Builder) Reset() {
	for f := range b.tables {
		b.tables[f].cutter.end()
		b.tables[f].reset()
	}
	b.ids, b.opaque = b.ids[:0], b.opaque[:0]
	b.size, b.deaf = 0, false
}
