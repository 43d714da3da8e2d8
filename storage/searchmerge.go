package storage

import (
	"fmt"
	"io"
	"math/bits"
	"slices"

	"satchel/storage/terms"
)

const (
	mergeWidth = 8       // so many neighbours of a size become one
	mergeMost  = 64      // segments merged at a time; a block of each is in memory
	mergeTop   = 1 << 18 // messages that a merged segment covers at most
	mergeStep  = 4 << 20 // bytes that one transaction of a merge writes
)

// size is the class of a segment: each holds up to eight times the messages of the one before.
func (s *segment) size() int { return (bits.Len64(uint64(s.last-s.first+1)>>3) + 2) / 3 }

// dueMerge finds neighbours that should be one: at least mergeWidth of a class, the smallest there is, with smaller ones
// between them.
func dueMerge(segments []segment) []segment {
	top := segment{first: 1, last: mergeTop}
	for class := range top.size() {
		for from := 0; from < len(segments); from++ {
			run := segments[from:]
			n := 0
			for n < len(run) && run[n].size() <= class {
				n++
			}
			due := run[:min(n, mergeMost)]
			for len(due) > 0 && due[len(due)-1].last-due[0].first >= mergeTop {
				due = due[:len(due)-1]
			}
			same := 0
			for i := range due {
				same += int(btoi(due[i].size() == class))
			}
			if same >= mergeWidth {
				return due
			}
			from += n
		}
	}
	return nil
}

// Merge makes one segment of several small neighbours, if that is due, and reports whether it did. Terms of messages
// for which alive does not hold are left out, and what was found in their attachments is erased. Lookups go on meanwhile.
// An error of more ends it; what was done is undone when the index is opened next, or by the next Merge.
func (x *SearchIndex) Merge(alive func(first, last MessageID) (*terms.Set, error), more func() error) (bool, error) {
	x.writing.Lock()
	defer x.writing.Unlock()
	old := dueMerge(x.snapshot())
	if old == nil {
		return false, nil
	}
	if err := x.merge(old, alive, more); err != nil {
		return false, fmt.Errorf("merge in the search index: %w", x.spoiled(err))
	}
	return true, nil
}

func (x *SearchIndex) merge(old []segment, alive func(first, last MessageID) (*terms.Set, error), more func() error) error {
	c, err := x.writer()
	if err != nil {
		return err
	}
	if err := x.eraseLeftovers(c); err != nil {
		return err
	}
	s := segment{first: old[0].first, last: old[len(old)-1].last}
	for i := range old {
		s.opaque = append(s.opaque, old[i].opaque...)
	}
	keep, err := alive(s.first, s.last)
	if err == nil {
		err = eraseExtracts(c, s.first, s.last, keep)
	}
	if err != nil {
		return err
	}
	if err := s.insert(c); err != nil {
		return err
	}
	if err := x.writeMerged(&s, old, keep, more); err != nil {
		return err
	}
	if err := x.exchange(&s, old); err != nil {
		return err
	}
	return x.eraseLeftovers(c)
}

// writeMerged writes the blocks of s, a transaction for every few.
func (x *SearchIndex) writeMerged(s *segment, old []segment, keep *terms.Set, more func() error) error {
	return x.read(func(source *conn) error {
		parts := make([]terms.Part, len(old))
		for i := range old {
			parts[i] = terms.Part{Span: old[i].span(), Next: (&blockReader{c: source, segment: &old[i]}).next}
		}
		w := blockWriter{c: x.write, segment: s}
		defer w.c.rollback()
		err := terms.Merge(parts, keep, func(b terms.Block) error {
			if err := more(); err != nil {
				return err
			}
			if err := w.step(); err != nil {
				return err
			}
			return w.put(b)
		})
		if err != nil || !w.c.inTransaction() {
			return err
		}
		return w.c.exec("COMMIT")
	})
}

// step ends a transaction that has become large, and begins one where there is none.
func (w *blockWriter) step() error {
	if w.bytes >= mergeStep {
		w.bytes = 0
		if err := w.c.exec("COMMIT"); err != nil {
			return err
		}
	}
	if w.c.inTransaction() {
		return nil
	}
	return w.c.exec("BEGIN IMMEDIATE")
}

// exchange puts a merged segment into use, in the place of those that it was made of.
func (x *SearchIndex) exchange(s *segment, old []segment) error {
	err := x.transaction(func(c *conn) error {
		for i := range old {
			if err := c.exec("UPDATE segment SET state = ? WHERE id = ?", int64(segmentBeingErased), old[i].id); err != nil {
				return err
			}
		}
		return s.use(c)
	})
	if err != nil {
		return err
	}
	x.using.Lock() // waits for lookups in the old ones, which may be erased now
	defer x.using.Unlock()
	at := slices.IndexFunc(x.segments, func(o segment) bool { return o.id == old[0].id })
	x.segments = slices.Replace(slices.Clone(x.segments), at, at+len(old), *s)
	return nil
}

// blockReader reads the blocks of a segment one by one.
type blockReader struct {
	c       *conn
	segment *segment
	field   terms.Field
	n       int64 // the next block in the field
}

func (b *blockReader) next() (block terms.Block, err error) {
	for ; b.n == b.segment.blocksOf(b.field); b.n = 0 {
		if b.field++; int(b.field) >= len(b.segment.blocks) {
			return block, io.EOF
		}
	}
	key := blockKey(b.segment.id, b.field, b.n)
	b.n++
	block.Field = b.field
	if block.Terms, err = readSummed(b.c, "SELECT sum, data FROM terms WHERE block = ?", key); err != nil {
		return block, err
	}
	block.Postings, err = readPostings(b.c, key)
	return block, err
}
