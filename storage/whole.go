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
	w := wholeReader{ids: ids, heads: make([]head, len(ids)), ends: ends}
	w.body.dst = dst
	err := m.read(func(c *conn) error {
		w.body.c = c
		return w.read()
	})
	if err != nil {
		return dst, ends, fmt.Errorf("read messages: %w", err)
	}
	return w.body.dst, w.ends, nil
}

// wholeReader collects whole messages from one walk over the headers and one over the pieces of the bodies.
type wholeReader struct {
	ids   []MessageID
	heads []head
	ends  []int
	at    int // the message being collected
	body  bodyReader
}

// head is what must be known of a message before its body.
type head struct {
	there        bool
	size, header int64
	data         []byte // the header as stored
}

func (w *wholeReader) read() error {
	c := w.body.c
	err := byID(c, `SELECT m.id, m.size, m.header_size, h.data FROM message m JOIN header h ON h.message = m.id WHERE m.id `,
		w.ids, func(r row, i int) error {
			w.heads[i] = head{true, r.int(1), r.int(2), r.blob(3)}
			return nil
		})
	if err != nil {
		return err
	}
	total := int64(0)
	for i := range w.heads {
		total += w.heads[i].size
	}
	w.body.dst = slices.Grow(w.body.dst, int(total))
	if !dense(w.ids) {
		return w.readEach()
	}
	if err := w.begin(); err != nil {
		return err
	}
	last := len(w.ids) - 1
	err = c.query("SELECT id, data FROM body WHERE id BETWEEN ? AND ? ORDER BY id", func(r row) error {
		return w.take(r.int(0), r.blob(1))
	}, bodyKey(w.ids[0], 0, 0), bodyKey(w.ids[last]+1, 0, 0)-1)
	for err == nil && w.at <= last {
		err = w.next()
	}
	return err
}

// readEach is read for messages that do not lie together.
func (w *wholeReader) readEach() (err error) {
	for i, id := range w.ids {
		if w.heads[i].there {
			if w.body.dst, err = w.body.c.appendBytes(w.body.dst, id, 0, w.heads[i].size, nil); err != nil {
				return err
			}
		}
		w.ends = append(w.ends, len(w.body.dst))
	}
	return nil
}

// take adds a piece of a body, which may belong to a message that is not wanted.
func (w *wholeReader) take(key int64, piece []byte) error {
	id := MessageID(key >> 18)
	for w.at < len(w.ids) && w.ids[w.at] < id {
		if err := w.next(); err != nil {
			return err
		}
	}
	if w.at == len(w.ids) || w.ids[w.at] != id || !w.heads[w.at].there {
		return nil
	}
	return w.body.take((key-bodyKey(id, 0, 0))>>2, piece)
}

// begin appends the header of the message at hand and prepares for its body.
func (w *wholeReader) begin() error {
	h := &w.heads[w.at]
	if !h.there {
		w.body.to = 0
		return nil
	}
	raw, err := decodeHeader(h.data, int(h.header))
	if err != nil {
		return fmt.Errorf("%s: header of message %d: %w", w.body.c.path, w.ids[w.at], err)
	}
	w.body = bodyReader{c: w.body.c, dst: append(w.body.dst, raw...), to: h.size - h.header, size: h.size - h.header}
	return nil
}

// next finishes the message at hand and begins with the one after it.
func (w *wholeReader) next() error {
	if err := w.body.finish(); err != nil {
		return fmt.Errorf("%s: message %d: %w", w.body.c.path, w.ids[w.at], err)
	}
	w.ends = append(w.ends, len(w.body.dst))
	if w.at++; w.at == len(w.ids) {
		return nil
	}
	return w.begin()
}
