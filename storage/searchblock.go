package storage

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"satchel/storage/terms"
)

// blockKey is a block's row: there is room for a million blocks in a field of a segment.
func blockKey(segment int64, field terms.Field, n int64) int64 {
	return segment<<24 | int64(field)<<20 | n
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) int64 { return int64(crc32.Checksum(b, castagnoli)) }

// storeBlock writes a block of a segment.
func storeBlock(c *conn, key int64, b *terms.Block) error {
	if err := c.exec("INSERT INTO terms (block, sum, data) VALUES (?, ?, ?)", key, checksum(b.Terms), b.Terms); err != nil {
		return err
	}
	return c.exec("INSERT INTO posting (block, sum, data) VALUES (?, ?, ?)", key, checksum(b.Postings), b.Postings)
}

// summed is a blob with its checksum, from columns i and i+1.
func summed(c *conn, r row, i int) ([]byte, error) {
	if data := r.blob(i + 1); checksum(data) == r.int(i) {
		return data, nil
	}
	return nil, fmt.Errorf("%s: %w: a block's checksum is wrong", c.path, ErrCorrupt)
}

func (s *segment) span() terms.Span { return terms.Span{First: int64(s.first), Last: int64(s.last)} }

// find looks through one field of a segment. Postings are read for blocks with a hit only.
func (s *segment) find(c *conn, f *terms.Finder, field terms.Field) error {
	if err := s.verify(c); err != nil { // without it a file without blocks is one without matches
		return err
	}
	return c.query("SELECT block, sum, data FROM terms WHERE block >= ? AND block < ? ORDER BY block", func(r row) error {
		data, err := summed(c, r, 1)
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
	}, blockKey(s.id, field, 0), blockKey(s.id, field+1, 0))
}

func readPostings(c *conn, key int64) (data []byte, err error) {
	found := c.queryRow("SELECT sum, data FROM posting WHERE block = ?", func(r row) { data, err = summed(c, r, 0) }, key)
	if found != nil {
		return nil, fmt.Errorf("%s: %w: a block without postings: %w", c.path, ErrCorrupt, found)
	}
	return data, err
}

func packIDs(ids []int64) []byte {
	b := make([]byte, 0, 8*len(ids)) // not nil: the column is
	for _, id := range ids {
		b = binary.BigEndian.AppendUint64(b, uint64(id))
	}
	return b
}

func unpackIDs(b []byte) (ids []int64) {
	for ; len(b) >= 8; b = b[8:] {
		ids = append(ids, int64(binary.BigEndian.Uint64(b)))
	}
	return ids
}
