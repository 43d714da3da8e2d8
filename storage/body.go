package storage

import (
	"fmt"
	"sync"

	"satchel/storage/codec"
)

const chunkSize = codec.ChunkSize // bytes of the body; all chunks but the last are full

// chunkMemory holds memory for chunks in their stored form while they are read.
var chunkMemory = sync.Pool{New: func() any {
	b := make([]byte, 0, chunkSize+1<<10)
	return &b
}}

// A chunk is stored in one or two pieces (see page.go). bodyKey is a piece's row: there is room for 65,536 chunks, or
// 4 GiB, which is all that Size can say.
func bodyKey(id MessageID, chunk, piece int64) int64 {
	return int64(id)<<18 | chunk<<2 | piece
}

// storeBody writes the chunks of a body: as they were prepared, or one after the other as it makes them.
func (tx *Tx) storeBody(id MessageID, m *NewMessage) error {
	for i, data := range m.chunks {
		if err := tx.storeChunk(id, int64(i), data); err != nil {
			return err
		}
	}
	e := codec.NewEncoder()
	defer e.Release()
	for at := 0; at < len(m.body); at += chunkSize {
		stored := e.Chunk(m.body[at:min(at+chunkSize, len(m.body))])
		if err := tx.storeChunk(id, int64(at/chunkSize), stored); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) storeChunk(id MessageID, chunk int64, data []byte) error {
	tx.wrote += int64(len(data))
	filler := tx.m.fill(len(data))
	piece := int64(0)
	for _, part := range [][]byte{data[:filler], data[filler:]} {
		if len(part) == 0 {
			continue
		}
		if err := tx.c.exec("INSERT INTO body (id, data) VALUES (?, ?)", bodyKey(id, chunk, piece), part); err != nil {
			return err
		}
		piece++
	}
	return nil
}

// AppendBytes appends the bytes from to to of a whole message, header and body, of which to is not included. Beyond the
// message's end there are none. Only the chunks concerned are read. ErrNotFound when the message is gone.
func (m *Mail) AppendBytes(dst []byte, id MessageID, from, to int64) ([]byte, error) {
	start := len(dst)
	dst = m.open.appendFrom(dst, id, from, to)
	if from += int64(len(dst) - start); from >= to {
		return dst, nil
	}
	err := m.read(func(c *conn) (err error) {
		dst, err = c.appendBytes(dst, id, from, to, &m.open)
		return err
	})
	if err != nil {
		return dst[:start], fmt.Errorf("read message %d: %w", id, err)
	}
	return dst, nil
}

// appendBytes is AppendBytes over a connection. open, unless nil, takes a chunk of which more may be asked.
func (c *conn) appendBytes(dst []byte, id MessageID, from, to int64, open *openChunk) ([]byte, error) {
	from = max(from, 0)
	var size, headerSize int64
	var header []byte
	err := c.queryRow(`SELECT m.size, m.header_size, CASE WHEN m.header_size > ? THEN h.data END
		FROM message m JOIN header h ON h.message = m.id WHERE m.id = ?`,
		func(r row) { size, headerSize, header = r.int(0), r.int(1), r.blob(2) }, from, int64(id))
	if err == nil {
		err = checkLengths(size, headerSize)
	}
	if err != nil {
		return dst, err
	}
	to = min(to, size)
	if from < min(to, headerSize) {
		raw, err := decodeHeader(header, int(headerSize))
		if err != nil {
			return dst, fmt.Errorf("%s: %w", c.path, err)
		}
		dst = append(dst, raw[from:min(to, headerSize)]...)
	}
	from, to = max(from, headerSize)-headerSize, to-headerSize
	if from >= to {
		return dst, nil
	}
	b := bodyReader{c: c, dst: dst, from: from, to: to, size: size - headerSize, id: id, open: open, header: headerSize}
	return b.read()
}

const bodyQuery = "SELECT id, data FROM body WHERE id BETWEEN ? AND ? ORDER BY id"

// bodyReader collects the bytes from to to of a body of size bytes from the pieces of its chunks.
type bodyReader struct {
	c              *conn
	dst            []byte
	from, to, size int64
	chunk          int64  // the one being collected
	stored         []byte // its pieces so far, in memory that holds a chunk

	id     MessageID
	header int64      // bytes of the message before the body
	open   *openChunk // nil to unpack chunks for this read only
}

func (b *bodyReader) read() ([]byte, error) {
	id := b.id
	stored := chunkMemory.Get().(*[]byte)
	defer chunkMemory.Put(stored)
	b.chunk, b.stored = b.from/chunkSize, (*stored)[:0]
	first, last := bodyKey(id, b.chunk, 0), bodyKey(id, (b.to-1)/chunkSize+1, 0)-1
	err := b.c.lend(bodyQuery, func(r lentRow) error {
		return b.take((r.numbers[0]-bodyKey(id, 0, 0))>>2, r.blob)
	}, first, last)
	if err == nil {
		err = b.finish()
	}
	if err != nil {
		return b.dst, fmt.Errorf("%s: %w", b.c.path, err)
	}
	return b.dst, nil
}

// finish unpacks the last chunk. All that is wanted must have been taken by then.
func (b *bodyReader) finish() error {
	if b.from >= b.to {
		return nil
	}
	if err := b.flush(); err != nil {
		return err
	}
	if b.chunk*chunkSize < b.to {
		return fmt.Errorf("%w: chunk %d is missing", ErrCorrupt, b.chunk)
	}
	return nil
}

// take adds a piece; with the first one of the next chunk, the one before is complete.
func (b *bodyReader) take(chunk int64, piece []byte) error {
	if chunk != b.chunk {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if chunk != b.chunk {
		return fmt.Errorf("%w: chunk %d is missing", ErrCorrupt, b.chunk)
	}
	b.stored = append(b.stored, piece...)
	return nil
}

// flush unpacks the collected chunk, keeps what is wanted of it and goes on to the next.
func (b *bodyReader) flush() error {
	start := b.chunk * chunkSize
	length := min(chunkSize, b.size-start)
	from, to := int(max(b.from-start, 0)), int(min(b.to-start, length))
	var dst []byte
	var err error
	if b.open != nil && int64(to) < length {
		dst, err = b.open.unpack(b.dst, b.id, b.header+start, b.stored, int(length), from, to)
	} else {
		dst, err = codec.UnpackRange(b.dst, b.stored, int(length), from, to)
	}
	if err != nil {
		return fmt.Errorf("chunk %d: %w: %w", b.chunk, ErrCorrupt, err)
	}
	b.dst, b.chunk, b.stored = dst, b.chunk+1, b.stored[:0]
	return nil
}
