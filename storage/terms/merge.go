package terms

import (
	"bytes"
	"fmt"
	"io"
)

// Part is a segment to be merged.
type Part struct {
	Span Span
	// Next gives the next block, which stays as it is until the next call, and io.EOF after the last.
	Next func() (Block, error)
}

// Merge writes one segment with the documents of several, whose spans ascend and do not meet. It
// spans from the first of the first part to the last of the last. Documents that are not in keep (all
// are, if it is nil) are left out, and so are the terms that only they have. It goes through all parts
// once and holds a block of each. What yield gets is valid during the call.
func Merge(parts []Part, keep *Set, yield func(Block) error) error {
	cursors := make([]cursor, len(parts))
	for i, p := range parts {
		if !p.Span.valid() || i > 0 && p.Span.First <= parts[i-1].Span.Last {
			return fmt.Errorf("terms: part %d of %d spans %d to %d", i+1, len(parts), p.Span.First, p.Span.Last)
		}
		cursors[i].part = p
		if err := cursors[i].next(); err != nil {
			return err
		}
	}
	w := writer{yield: yield}
	var docs list
	visit := func(id int64) {
		if keep == nil || keep.Has(id) {
			docs.add(id)
		}
	}
	var term []byte
	for {
		least := lowest(cursors)
		if least == nil {
			return w.flush()
		}
		field := least.block.Field
		term = append(term[:0], least.term...)
		docs.reset()
		for i := range cursors {
			if c := &cursors[i]; c.at(field, term) {
				if err := c.take(visit); err != nil {
					return err
				}
			}
		}
		if docs.n == 0 {
			continue
		}
		if err := w.add(field, term, parts[0].Span.First, &docs); err != nil {
			return err
		}
	}
}

// lowest gives the cursor whose term comes first, or nil if all are at their end.
func lowest(cursors []cursor) *cursor {
	var least *cursor
	for i := range cursors {
		c := &cursors[i]
		if c.term != nil && (least == nil || before(c.block.Field, c.term, least.block.Field, least.term)) {
			least = c
		}
	}
	return least
}

func before(f Field, term []byte, g Field, other []byte) bool {
	if f != g {
		return f < g
	}
	return bytes.Compare(term, other) < 0
}

// cursor goes through the terms of a part, and makes sure that they ascend.
type cursor struct {
	part     Part
	block    Block
	rest     []byte // of the block's terms, from the 0x00 before the next one
	term     []byte // nil at the end
	last     []byte // the last term of the block before
	postings postings
}

// at says whether the cursor is at this term.
func (c *cursor) at(f Field, term []byte) bool {
	return c.term != nil && c.block.Field == f && bytes.Equal(c.term, term)
}

// take visits the documents of the term, and goes to the next one.
func (c *cursor) take(visit func(id int64)) error {
	if err := c.postings.each(visit); err != nil {
		return err
	}
	return c.next()
}

// next goes to the next term; the documents of the one before have been read.
func (c *cursor) next() error {
	field, last := c.block.Field, c.term
	if len(c.rest) <= 1 {
		c.last = append(c.last[:0], last...)
		last = c.last
		if err := c.load(); err != nil || c.rest == nil {
			c.term = nil
			return err
		}
	}
	size := bytes.IndexByte(c.rest[1:], 0)
	if size < 1 || size > window {
		return ErrCorrupt
	}
	c.term, c.rest = c.rest[1:1+size], c.rest[1+size:]
	if len(last) > 0 && !before(field, last, c.block.Field, c.term) {
		return ErrCorrupt
	}
	return nil
}

// load gets the next block. After the last one, rest is nil.
func (c *cursor) load() error {
	if len(c.postings.rest) > 0 {
		return ErrCorrupt
	}
	b, err := c.part.Next()
	if err == io.EOF {
		c.rest = nil
		return nil
	}
	if err == nil && (b.Field >= fields || len(b.Terms) < 3 || b.Terms[0] != 0) {
		err = ErrCorrupt
	}
	c.block, c.rest = b, b.Terms
	c.postings = postings{c.part.Span, b.Postings}
	return err
}
