package storage

import (
	"fmt"
	"slices"
)

// AppendMessages appends whole messages, header and body, one after the other to dst, and to ends where in dst each
// ends; one that is not there appends nothing. Meant for about a MiB a call: for dense ascending ids it costs a fraction
// of AppendBytes for each.
func (m *Mail) AppendMessages(dst []byte, ids []MessageID, ends []int) ([]byte, []int, error) {
	if len(ids) == 0 {
		return dst, ends, nil
	}
	w := wholeReader{ids: ids, dst: dst, places: make([]place, len(ids))}
	err := m.read(w.read)
	if err != nil {
		return dst, ends, fmt.Errorf("read messages: %w", err)
	}
	end := len(dst)
	for _, p := range w.places {
		end = max(end, p.end)
		ends = append(ends, end)
	}
	return w.dst, ends, nil
}

// wholeReader collects whole messages: first all headers, each where it belongs, then the bodies after them.
type wholeReader struct {
	c      *conn
	ids    []MessageID
	dst    []byte
	places []place
	at     int // the message whose body is being collected
	body   bodyReader
}

// place is where in dst a message's body begins and where it ends, which is 0 if the message is not there.
type place struct{ body, end int }

func (w *wholeReader) read(c *conn) error {
	w.c = c
	together := dense(w.ids)
	if err := w.readHeaders(together); err != nil {
		return err
	}
	stored := chunkMemory.Get().(*[]byte)
	defer chunkMemory.Put(stored)
	w.body.stored = (*stored)[:0]
	w.begin()
	if together {
		return w.readBodies(w.ids[0], w.ids[len(w.ids)-1], len(w.ids))
	}
	for i, id := range w.ids {
		if err := w.readBodies(id, id, i+1); err != nil {
			return err
		}
	}
	return nil
}

// readHeaders puts the headers in their places.
func (w *wholeReader) readHeaders(together bool) error {
	const header = "SELECT m.id, m.size, m.header_size, h.data FROM message m JOIN header h ON h.message = m.id WHERE m.id "
	i := 0
	take := func(r lentRow) error {
		id := MessageID(r.numbers[0])
		for w.ids[i] < id {
			i++
		}
		if w.ids[i] != id {
			return nil
		}
		return w.takeHeader(i, r.numbers[1], r.numbers[2], r.blob)
	}
	if together {
		return w.c.lend(header+"BETWEEN ? AND ? ORDER BY m.id", take, int64(w.ids[0]), int64(w.ids[len(w.ids)-1]))
	}
	for ; i < len(w.ids); i++ {
		if err := w.c.lend(header+"= ?", take, int64(w.ids[i])); err != nil {
			return err
		}
	}
	return nil
}

// takeHeader appends a header, and room for the body.
func (w *wholeReader) takeHeader(i int, size, headerSize int64, stored []byte) error {
	start, dst := len(w.dst), w.dst
	err := checkLengths(size, headerSize)
	if err == nil {
		dst, err = appendHeader(slices.Grow(dst, int(size)), stored, int(headerSize))
	}
	if err != nil {
		return fmt.Errorf("%s: header of message %d: %w", w.c.path, w.ids[i], err)
	}
	w.places[i] = place{start + int(headerSize), start + int(size)}
	w.dst = dst[:start+int(size)]
	return nil
}

// readBodies reads the bodies of the messages from first to last, which are those from w.at to before end.
func (w *wholeReader) readBodies(first, last MessageID, end int) error {
	err := w.c.lend(bodyQuery, func(r lentRow) error {
		return w.take(r.numbers[0], r.blob)
	}, bodyKey(first, 0, 0), bodyKey(last+1, 0, 0)-1)
	for err == nil && w.at < end {
		err = w.next()
	}
	return err
}

// take adds a piece of a body, which may belong to a message that is not wanted.
func (w *wholeReader) take(key int64, piece []byte) error {
	id := MessageID(key >> 18)
	for w.at < len(w.ids) && w.ids[w.at] < id {
		if err := w.next(); err != nil {
			return err
		}
	}
	if w.at == len(w.ids) || w.ids[w.at] != id || w.places[w.at].end == 0 {
		return nil
	}
	return w.body.take((key-bodyKey(id, 0, 0))>>2, piece)
}

// begin prepares for the body of the message at hand.
func (w *wholeReader) begin() {
	p := w.places[w.at]
	size := int64(p.end - p.body)
	w.body = bodyReader{c: w.c, dst: w.dst[p.body:p.body:p.end], to: size, size: size, stored: w.body.stored[:0]}
}

// next finishes the message at hand and begins with the one after it.
func (w *wholeReader) next() error {
	if err := w.body.finish(); err != nil {
		return fmt.Errorf("%s: message %d: %w", w.c.path, w.ids[w.at], err)
	}
	if p := w.places[w.at]; p.body < p.end && &w.body.dst[0] != &w.dst[p.body] { // a decoder took memory of its own
		copy(w.dst[p.body:p.end], w.body.dst)
	}
	if w.at++; w.at < len(w.ids) {
		w.begin()
	}
	return nil
}
