package storage

import (
	"sync"

	"satchel/storage/codec"
)

// openChunk is the chunk that was unpacked last for a read that wanted only its beginning. Clients fetch large messages
// in order and in pieces smaller than a chunk, so the next read wants what follows. A message's bytes never change, so
// it is never wrong. Safe for concurrent use.
type openChunk struct {
	mu    sync.Mutex
	id    MessageID
	start int64  // where in the whole message raw begins
	raw   []byte // the chunk unpacked, empty for none
}

// appendFrom appends what the chunk has of the bytes from to to of a message, if it has the first of them.
func (o *openChunk) appendFrom(dst []byte, id MessageID, from, to int64) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	end := o.start + int64(len(o.raw))
	if o.id != id || from < o.start || from >= min(to, end) {
		return dst
	}
	return append(dst, o.raw[from-o.start:min(to, end)-o.start]...)
}

// unpack makes a stored chunk the open one and appends its bytes from to to.
func (o *openChunk) unpack(dst []byte, id MessageID, start int64, stored []byte, n, from, to int) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	raw, err := codec.Unpack(o.raw[:0], stored, n)
	if err != nil {
		o.raw = nil
		return dst, err
	}
	o.id, o.start, o.raw = id, start, raw
	return append(dst, raw[from:to]...), nil
}

// drop gives the memory back.
func (o *openChunk) drop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.raw = nil
}
