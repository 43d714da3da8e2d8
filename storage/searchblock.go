package storage

import (
	"errors"
	"fmt"

	"satchel/storage/terms"
)

// blockKey is a block's row: there is room for a million blocks in a field of a segment.
func blockKey(segment int64, field terms.Field, n int64) int64 {
	return segment<<24 | int64(field)<<20 | n
}

// storeBlock writes a block of a segment.
func storeBlock(c *conn, key int64, b *terms.Block) error {
	err := c.exec("INSERT INTO terms (block, sum, data) VALUES (?, ?, ?)", key, checksum(b.Terms, key), b.Terms)
	if err != nil {
		return err
	}
	return c.exec("INSERT INTO posting (block, sum, data) VALUES (?, ?, ?)", key, checksum(b.Postings, key), b.Postings)
}

// summed returns the data in column i+1 of a row, if the checksum in column i is that of the key and the data.
func summed(c *conn, r row, i int, key ...int64) ([]byte, error) {
	if data := r.blob(i + 1); checksum(data, key...) == r.int(i) {
		return data, nil
	}
	return nil, damaged(c, "a checksum is wrong")
}

func damaged(c *conn, how string) error { return fmt.Errorf("%s: %w: %s", c.path, ErrCorrupt, how) }

// find looks through one field of a segment. Postings are read for blocks with a hit only.
func (s *segment) find(c *conn, f *terms.Finder, field terms.Field) error {
	if err := s.verify(c); err != nil { // without it a file without blocks is one without matches
		return err
	}
	next := blockKey(s.id, field, 0)
	end := next + s.blocksOf(field)
	err := c.query("SELECT block, sum, data FROM terms WHERE block >= ? AND block < ? ORDER BY block", func(r row) error {
		if r.int(0) != next {
			return damaged(c, "a block is missing")
		}
		next++
		data, err := summed(c, r, 1, r.int(0))
		if err != nil || !f.Hits(data) {
			return err
		}
		b := terms.Block{Field: field, Terms: data}
		if b.Postings, err = readPostings(c, r.int(0)); err != nil {
			return err
		}
		if err := f.Look(s.span(), b); err != nil {
			return fmt.Errorf("%s: %w: %w", c.path, ErrCorrupt, err)
		}
		return nil
	}, next, end)
	if err == nil && next != end {
		err = damaged(c, "a block is missing")
	}
	return err
}

func readPostings(c *conn, key int64) ([]byte, error) {
	return readSummed(c, "SELECT sum, data FROM posting WHERE block = ?", key)
}

// readSummed reads one half of a block.
func readSummed(c *conn, sql string, key int64) (data []byte, err error) {
	found := c.queryRow(sql, func(r row) { data, err = summed(c, r, 0, key) }, key)
	if errors.Is(found, ErrNotFound) {
		return nil, damaged(c, "a block is missing")
	}
	return data, errors.Join(found, err)
}
