package storage

import (
	"encoding/binary"
	"fmt"

	"satchel/storage/codec"
	"satchel/storage/terms"
)

// AppendExtract appends the text that KeepExtract kept of an attachment. ErrNotFound when it kept none, ErrCorrupt when
// the file is damaged.
func (x *SearchIndex) AppendExtract(dst []byte, message MessageID, part int64) ([]byte, error) {
	x.using.RLock()
	defer x.using.RUnlock()
	err := x.read(func(c *conn) error {
		var data []byte
		var damaged error
		err := c.queryRow(`SELECT e.sum, e.data FROM extract e, meta m
			WHERE e.message = ? AND e.part = ? AND m.key = 'identity' AND m.value = ?`, // somebody may have replaced the file
			func(r row) { data, damaged = summed(c, r, 0, int64(message), part) }, int64(message), part, x.identity)
		if err == nil {
			err = damaged
		}
		if err == nil {
			size, n := binary.Uvarint(data)
			dst, err = codec.Unpack(dst, data[max(n, 0):], int(size))
			err = corrupt(err)
		}
		return err
	})
	if err != nil {
		return dst, fmt.Errorf("text of an attachment of message %d: %w", message, x.spoiled(err))
	}
	return dst, nil
}

// KeepExtract keeps the text of an attachment. Unless it is to wait for its turn, it keeps nothing while the index is
// being changed.
func (x *SearchIndex) KeepExtract(message MessageID, part int64, text []byte, wait bool) error {
	if wait {
		x.writing.Lock()
	} else if !x.writing.TryLock() {
		return nil
	}
	defer x.writing.Unlock()
	c, err := x.writer()
	if err == nil {
		data := codec.Pack(binary.AppendUvarint(nil, uint64(len(text))), text)
		err = c.exec("INSERT OR REPLACE INTO extract (message, part, sum, data) VALUES (?, ?, ?, ?)",
			int64(message), part, checksum(data, int64(message), part), data)
	}
	if err != nil {
		return fmt.Errorf("keep the text of an attachment of message %d: %w", message, err)
	}
	return nil
}

// Newest is the highest message of which the file has anything.
func (x *SearchIndex) Newest() (id MessageID, err error) {
	x.using.RLock()
	defer x.using.RUnlock()
	err = x.read(func(c *conn) error {
		n, err := c.queryInt("SELECT max(message) FROM extract")
		id = max(MessageID(n), covered(x.segments))
		return err
	})
	return id, x.spoiled(err)
}

// eraseExtracts erases the texts of attachments of messages that are gone, of a range of which keep are there.
func eraseExtracts(c *conn, first, last MessageID, keep *terms.Set) error {
	for next := first; next <= last; next++ {
		n, err := c.queryInt("SELECT min(message) FROM extract WHERE message BETWEEN ? AND ?", int64(next), int64(last))
		if err != nil || n == 0 {
			return err
		}
		next = MessageID(n)
		if keep.Has(n) {
			continue
		}
		if err := c.exec("DELETE FROM extract WHERE message = ?", n); err != nil {
			return err
		}
	}
	return nil
}
