package storage

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// sortKeyQuery reads keys many at a time: put together in SQLite they cost a third of what as many rows would. Each says
// whose it is, so nothing depends on their order. CROSS JOIN: the walk goes along the entries.
const sortKeyQuery = `SELECT CAST(group_concat(k.data, '') AS BLOB) FROM entry e CROSS JOIN sortkey k
	ON k.message = e.message WHERE e.mailbox = ? AND e.uid BETWEEN ? AND ?`

// sortKeyRows reads them one by one, for when some are damaged.
const sortKeyRows = `SELECT e.message, k.data FROM entry e CROSS JOIN sortkey k
	ON k.message = e.message WHERE e.mailbox = ? AND e.uid BETWEEN ? AND ?`

// SortKeys calls each with the keys of a mailbox's messages with UIDs from first to last, as far as they have been
// written, in the order of UIDs. The bytes stay each's. Damaged keys are left out: they can be made again. Meant for
// about a thousand messages a call.
func (m *Mail) SortKeys(id MailboxID, first, last UID, each func(MessageID, []byte)) error {
	err := m.read(func(c *conn) error {
		var all []byte
		err := c.query(sortKeyQuery, func(r row) error { all = r.blob(0); return nil }, int64(id), int64(first), int64(last))
		if err != nil {
			return err
		}
		if splitSortKeys(all, func(MessageID, []byte) {}) == nil {
			return splitSortKeys(all, each)
		}
		return c.query(sortKeyRows, func(r row) error {
			if keys := unpackSortKeys(MessageID(r.int(0)), r.blob(1)); keys != nil {
				each(MessageID(r.int(0)), keys)
			}
			return nil
		}, int64(id), int64(first), int64(last))
	})
	if err != nil {
		return fmt.Errorf("read sort keys: %w", err)
	}
	return nil
}

// SortKey returns the keys of one message, written or not, nil when it has none or they are damaged.
func (m *Mail) SortKey(id MessageID) (keys []byte, err error) {
	if keys := m.fresh.get(id); keys != nil {
		return keys, nil
	}
	err = m.read(func(c *conn) error {
		return c.query("SELECT data FROM sortkey WHERE message = ?", func(r row) error {
			keys = unpackSortKeys(id, r.blob(0))
			return nil
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

// unpackSortKeys takes the keys of one message apart, nil when they are damaged.
func unpackSortKeys(id MessageID, data []byte) (keys []byte) {
	n := 0
	err := splitSortKeys(data, func(owner MessageID, k []byte) {
		if n++; owner == id {
			keys = k
		}
	})
	if err != nil || n != 1 {
		return nil
	}
	return keys
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
	if err := tx.c.setSortKeys(id, keys); err != nil {
		return fmt.Errorf("keep sort keys of message %d: %w", id, err)
	}
	return nil
}

func (c *conn) setSortKeys(id MessageID, keys []byte) error {
	return c.exec("INSERT OR REPLACE INTO sortkey (message, data) SELECT id, ? FROM message WHERE id = ?",
		driver.Value(packSortKeys(id, keys)), int64(id))
}

// freshKeys holds keys of the latest messages that are not in the file yet: a row of a table of their own would make
// every commit one page larger, so they are written freshLimit at a time, and when the account comes to rest. Those that
// a crash or a rollback loses are made again when they are needed.
type freshKeys struct {
	mu   sync.Mutex
	keys map[MessageID][]byte // guarded by mu
}

const freshLimit = 64

func (f *freshKeys) get(id MessageID) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.keys[id]
}

// add keeps a copy of keys and reports whether it is time to write them.
func (f *freshKeys) add(id MessageID, keys []byte) (full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keys == nil {
		f.keys = make(map[MessageID][]byte, freshLimit)
	}
	f.keys[id] = slices.Clone(keys)
	return len(f.keys) >= freshLimit
}

// take gives all keys away.
func (f *freshKeys) take() map[MessageID][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	keys := f.keys
	f.keys = nil
	return keys
}

// writeFreshKeys moves the fresh keys into the file. Callers have the turn, and a transaction open unless they do not
// mind one for each.
func (m *Mail) writeFreshKeys() error {
	keys := m.fresh.take()
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		if err := m.write.setSortKeys(id, keys[id]); err != nil {
			return fmt.Errorf("keep sort keys: %w", err)
		}
	}
	return nil
}

// settleFreshKeys is writeFreshKeys in a transaction of its own.
func (m *Mail) settleFreshKeys() error {
	m.fresh.mu.Lock()
	n := len(m.fresh.keys)
	m.fresh.mu.Unlock()
	if n == 0 {
		return nil
	}
	return m.write.transaction(m.writeFreshKeys)
}
