package storage

import (
	"fmt"
	"slices"

	"satchel/storage/terms"
)

// Add puts what a builder collected of the messages after one, up to last, into the index.
// ErrErased when the index does not know the messages before them any more.
func (x *SearchIndex) Add(b *terms.Builder, after, last MessageID) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	switch n := x.Covered(); {
	case n < after:
		return ErrErased
	case n > after || last <= after:
		return fmt.Errorf("message %d is in the search index already", last)
	}
	s := segment{first: after + 1, last: last, opaque: slices.Clone(b.Opaque())}
	err := x.transaction(func(c *conn) (err error) {
		if err = s.insert(c); err != nil {
			return err
		}
		w := blockWriter{c: c, segment: &s}
		if err := b.Blocks(int64(s.first), w.put); err != nil {
			return err
		}
		return s.use(c)
	})
	if err != nil {
		return fmt.Errorf("add to the search index: %w", x.spoiled(err))
	}
	x.using.Lock()
	x.segments = append(x.segments[:len(x.segments):len(x.segments)], s)
	x.using.Unlock()
	return nil
}

// transaction runs f in a transaction of the writing connection. Callers hold writing.
func (x *SearchIndex) transaction(f func(c *conn) error) error {
	c, err := x.writer()
	if err != nil {
		return err
	}
	return c.transaction(func() error { return f(c) })
}

// blockWriter writes the blocks of a segment, and counts them.
type blockWriter struct {
	c       *conn
	segment *segment
	bytes   int // written
}

func (w *blockWriter) put(b terms.Block) error {
	s := w.segment
	for int(b.Field) >= len(s.blocks) {
		s.blocks = append(s.blocks, 0)
	}
	key := blockKey(s.id, b.Field, s.blocks[b.Field])
	s.blocks[b.Field]++
	w.bytes += len(b.Terms) + len(b.Postings)
	return storeBlock(w.c, key, &b)
}

// eraseStep is how many blocks one transaction erases.
const eraseStep = 64

// eraseLeftovers erases segments that are not in use: a few blocks a transaction, so that the log stays short. Callers
// hold writing.
func (x *SearchIndex) eraseLeftovers(c *conn) error {
	var ids []int64
	err := c.query("SELECT id FROM segment WHERE state != 1", func(r row) error { ids = append(ids, r.int(0)); return nil })
	for _, id := range ids {
		for err == nil {
			var n int64
			if n, err = x.eraseSome(id); n < eraseStep {
				break
			}
		}
		if err == nil {
			err = c.exec("DELETE FROM segment WHERE id = ?", id)
		}
	}
	if err == nil && len(ids) > 0 {
		err = c.query("PRAGMA incremental_vacuum", func(row) error { return nil }) // a page a step
	}
	return err
}

// eraseSome erases up to eraseStep blocks of each kind and says how many terms were among them.
func (x *SearchIndex) eraseSome(segment int64) (n int64, err error) {
	from, to := blockKey(segment, 0, 0), blockKey(segment+1, 0, 0)
	err = x.transaction(func(c *conn) error {
		_, err := c.execCount(`DELETE FROM posting WHERE block IN (SELECT block FROM posting WHERE block >= ? AND block < ? LIMIT ?)`,
			from, to, int64(eraseStep))
		if err == nil {
			n, err = c.execCount(`DELETE FROM terms WHERE block IN (SELECT block FROM terms WHERE block >= ? AND block < ? LIMIT ?)`,
				from, to, int64(eraseStep))
		}
		return err
	})
	return n, err
}
