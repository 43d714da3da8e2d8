package storage

import (
	"fmt"

	"satchel/storage/terms"
)

// Segment states.
const (
	segmentBeingWritten = iota
	segmentInUse
	segmentBeingErased
)

// Add puts what a builder collected of the messages after one, up to last, into the index, and empties the builder.
// ErrErased when the index does not know the messages before them any more.
func (x *SearchIndex) Add(b *terms.Builder, after, last MessageID) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	s := segment{first: after + 1, last: last, opaque: b.Opaque()}
	switch n := x.Covered(); {
	case n < after:
		return ErrErased
	case n > after || last <= after:
		return fmt.Errorf("message %d is in the search index already", last)
	}
	err := x.transaction(func(c *conn) (err error) {
		if err = s.insert(c, segmentInUse); err != nil {
			return err
		}
		w := blockWriter{c: c, segment: s.id}
		return b.Blocks(int64(s.first), w.put)
	})
	if err != nil {
		return fmt.Errorf("add to the search index: %w", err)
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
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer c.rollback()
	if err := f(c); err != nil {
		return err
	}
	return c.exec("COMMIT")
}

// insert writes the segment's row and takes its id.
func (s *segment) insert(c *conn, state int64) error {
	err := c.exec("INSERT INTO segment (first, last, state, opaque) VALUES (?, ?, ?, ?)",
		int64(s.first), int64(s.last), state, packIDs(s.opaque))
	if err != nil {
		return err
	}
	s.id, err = c.queryInt("SELECT last_insert_rowid()")
	return err
}

// blockWriter numbers the blocks of a segment.
type blockWriter struct {
	c       *conn
	segment int64
	field   terms.Field
	n       int64
	bytes   int // written
}

func (w *blockWriter) put(b terms.Block) error {
	if b.Field != w.field {
		w.field, w.n = b.Field, 0
	}
	key := blockKey(w.segment, w.field, w.n)
	w.n++
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
