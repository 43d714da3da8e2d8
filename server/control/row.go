package control

import (
	"io"

	"satchel/backend"
)

// pieceSize is how much of a message is read from the store at a time.
const pieceSize = 256 << 10

// rowReader reads a message of a view piece by piece.
type rowReader struct {
	v    *backend.View
	row  *backend.Row
	pos  int64
	buf  []byte
	rest []byte
}

func (r *rowReader) reset(row *backend.Row) {
	r.row, r.pos, r.rest = row, 0, nil
}

func (r *rowReader) Read(p []byte) (n int, err error) {
	if len(r.rest) == 0 {
		size := int64(r.row.Size)
		if r.pos >= size {
			return 0, io.EOF
		}
		to := min(r.pos+pieceSize, size)
		if r.buf, err = r.v.AppendBytes(r.buf[:0], r.row, r.pos, to); err != nil {
			return 0, err
		}
		if len(r.buf) == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		r.pos += int64(len(r.buf))
		r.rest = r.buf
	}
	n = copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
