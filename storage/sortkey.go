package storage

import (
	"encoding/binary"
	"fmt"
)

// sortKeyChunk is how many entries are read in one statement.
const sortKeyChunk = 1024

// sortKeyQuery reads keys many at a time: concatenated in SQLite they cost a fraction of what as many rows would. Each
// says whose it is, so nothing depends on their order.
const sortKeyQuery = `SELECT max(uid), group_concat(data, '') FROM (SELECT e.uid, k.data FROM entry e
	LEFT JOIN sortkey k ON k.message = e.message WHERE e.mailbox = ? AND e.uid > ? ORDER BY e.uid LIMIT ?)`

// SortKeys calls each with the keys of the messages in a mailbox above a UID, those that have any, in the order of UIDs.
// The bytes are each's until the next call only.
func (m *Mail) SortKeys(id MailboxID, above UID, each func(MessageID, []byte)) error {
	return m.read(func(c *conn) error {
		for {
			next, data := UID(0), []byte(nil)
			err := c.queryRow(sortKeyQuery, func(r row) { next, data = UID(r.int(0)), []byte(r.text(1)) },
				int64(id), int64(above), sortKeyChunk)
			if err != nil {
				return fmt.Errorf("read sort keys: %w", err)
			}
			if next == 0 {
				return nil
			}
			if err := splitSortKeys(data, each); err != nil {
				return fmt.Errorf("%s: mailbox %d: %w", c.path, id, err)
			}
			above = next
		}
	})
}

// SortKey returns the keys of one message, nil when it has none.
func (m *Mail) SortKey(id MessageID) (keys []byte, err error) {
	err = m.read(func(c *conn) error {
		return c.query("SELECT data FROM sortkey WHERE message = ?", func(r row) error {
			return splitSortKeys(r.blob(0), func(_ MessageID, k []byte) { keys = k })
		}, int64(id))
	})
	if err != nil {
		return nil, fmt.Errorf("read sort keys of message %d: %w", id, err)
	}
	return keys, nil
}

// splitSortKeys takes apart keys that were read together.
func splitSortKeys(data []byte, each func(MessageID, []byte)) error {
	for len(data) > 0 {
		id, n := binary.Uvarint(data)
		size, k := binary.Uvarint(data[max(n, 0):])
		if n <= 0 || k <= 0 || size > uint64(len(data)-n-k) {
			return fmt.Errorf("sort keys: %w", ErrCorrupt)
		}
		data = data[n+k:]
		each(MessageID(id), data[:size:size])
		data = data[size:]
	}
	return nil
}

// packSortKeys is the other half of splitSortKeys, for one message.
func packSortKeys(id MessageID, keys []byte) []byte {
	data := make([]byte, 0, 2*binary.MaxVarintLen64+len(keys))
	data = binary.AppendUvarint(data, uint64(id))
	data = binary.AppendUvarint(data, uint64(len(keys)))
	return append(data, keys...)
}

// SetSortKeys stores the keys of a message, unless it has been erased.
func (tx *Tx) SetSortKeys(id MessageID, keys []byte) error {
	err := tx.c.exec("INSERT OR REPLACE INTO sortkey (message, data) SELECT id, ? FROM message WHERE id = ?",
		packSortKeys(id, keys), int64(id))
	if err != nil {
		return fmt.Errorf("keep sort keys of message %d: %w", id, err)
	}
	return nil
}
