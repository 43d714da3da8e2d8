package storage

import (
	"encoding/binary"
	"hash/crc32"

	"satchel/storage/terms"
)

// Segment states.
const (
	segmentBeingWritten = iota
	segmentInUse
	segmentBeingErased
)

// segment is a range of messages whose terms are known.
type segment struct {
	id          int64
	first, last MessageID
	opaque      []int64 // messages that are not in the blocks
	blocks      []int64 // how many each field has
}

func (s *segment) span() terms.Span { return terms.Span{First: int64(s.first), Last: int64(s.last)} }

// blocksOf is how many blocks a field has.
func (s *segment) blocksOf(f terms.Field) int64 {
	if int(f) < len(s.blocks) {
		return s.blocks[f]
	}
	return 0
}

// readSegments lists the segments in use, in order.
func readSegments(c *conn) ([]segment, error) {
	var list []segment
	err := c.query("SELECT id, first, last, opaque, blocks, sum FROM segment WHERE state = 1 ORDER BY first", func(r row) error {
		s := segment{id: r.int(0), first: MessageID(r.int(1)), last: MessageID(r.int(2)), opaque: unpackIDs(r.blob(3)), blocks: unpackIDs(r.blob(4))}
		if s.sum() != r.int(5) {
			return damaged(c, "a segment's checksum is wrong")
		}
		if n := len(list); n > 0 && list[n-1].last+1 != s.first || n == 0 && s.first != 1 || s.first > s.last {
			return damaged(c, "segments do not follow on each other")
		}
		list = append(list, s)
		return nil
	})
	return list, err
}

// insert writes the row of a segment that is being written and takes its id.
func (s *segment) insert(c *conn) (err error) {
	err = c.exec("INSERT INTO segment (first, last, state, opaque, blocks, sum) VALUES (?, ?, ?, ?, x'', 0)",
		int64(s.first), int64(s.last), int64(segmentBeingWritten), packIDs(s.opaque))
	if err == nil {
		s.id, err = c.queryInt("SELECT last_insert_rowid()")
	}
	return err
}

// use puts a segment that has been written into use.
func (s *segment) use(c *conn) error {
	return c.exec("UPDATE segment SET state = ?, blocks = ?, sum = ? WHERE id = ?", int64(segmentInUse), packIDs(s.blocks), s.sum(), s.id)
}

// sum is the checksum of a segment's row.
func (s *segment) sum() int64 {
	return checksum(append(packIDs(s.blocks), packIDs(s.opaque)...), s.id, int64(s.first), int64(s.last))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C of numbers and the bytes after them.
func checksum(b []byte, numbers ...int64) int64 {
	var space [24]byte
	sum := crc32.Checksum(appendIDs(space[:0], numbers), castagnoli)
	return int64(crc32.Update(sum, castagnoli, b))
}

// packIDs never returns nil, which would be stored as NULL.
func packIDs(ids []int64) []byte { return appendIDs(make([]byte, 0, 8*len(ids)), ids) }

func appendIDs(b []byte, ids []int64) []byte {
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
