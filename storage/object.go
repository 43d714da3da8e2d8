package storage

import "fmt"

// Objects is the random number that tells this file's object identifiers from those of others.
func (m *Mail) Objects() (n uint64, err error) {
	err = m.readNow(func(c *conn) error {
		v, err := c.queryInt("SELECT value FROM meta WHERE key = 'objects'")
		n = uint64(v)
		return err
	})
	return n, err
}

// Threads puts the threads of messages into threads, in the order of ids: 0 for a message that has none yet, or is gone.
// Meant for a few hundred ids a call.
func (m *Mail) Threads(ids []MessageID, threads []MessageID) error {
	if len(ids) == 0 {
		return nil
	}
	clear(threads[:len(ids)])
	err := m.read(func(c *conn) error {
		return byID(c, "SELECT message, thread FROM thread WHERE message ", ids, func(r row, i int) error {
			threads[i] = MessageID(r.int(1))
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("read threads: %w", err)
	}
	return nil
}

// ThreadMessages returns the messages of a thread, in no order.
func (m *Mail) ThreadMessages(thread MessageID) (ids []MessageID, err error) {
	err = m.read(func(c *conn) error {
		return c.query("SELECT message FROM thread WHERE thread = ?", func(r row) error {
			ids = append(ids, MessageID(r.int(0)))
			return nil
		}, int64(thread))
	})
	if err != nil {
		return nil, fmt.Errorf("read thread %d: %w", thread, err)
	}
	return ids, nil
}

// Threaded reports whether every message that was committed has a thread.
func (m *Mail) Threaded() (done bool, err error) {
	err = m.readNow(func(c *conn) error {
		n, err := c.queryInt("SELECT coalesce((SELECT max(id) FROM message), 0) <= coalesce((SELECT max(message) FROM thread), 0)")
		done = n != 0
		return err
	})
	return done, err
}

// Unthreaded is a message that has no thread yet.
type Unthreaded struct {
	ID       MessageID
	SortKeys []byte // nil: to be made of Header
	Header   []byte // nil when it is damaged
}

// Unthreaded returns the first messages without a thread, at most limit, in the order in which they came.
func (tx *Tx) Unthreaded(limit int) (list []Unthreaded, err error) {
	sizes := []int64{}
	err = tx.c.query(`SELECT m.id, m.header_size, k.data FROM message m LEFT JOIN sortkey k ON k.message = m.id
		WHERE m.id > (SELECT coalesce(max(message), 0) FROM thread) ORDER BY m.id LIMIT ?`, func(r row) error {
		u := Unthreaded{ID: MessageID(r.int(0)), SortKeys: tx.m.fresh.get(MessageID(r.int(0)))}
		list, sizes = append(list, u), append(sizes, r.int(1))
		if u.SortKeys == nil && !r.null(2) {
			list[len(list)-1].SortKeys = unpackSortKeys(u.ID, r.blob(2))
		}
		return nil
	}, int64(limit))
	for i := range list {
		if err == nil && list[i].SortKeys == nil {
			err = tx.readHeader(&list[i], int(sizes[i]))
		}
	}
	return list, err
}

// readHeader reads the header of a message, unless it is damaged: the others have their threads all the same.
func (tx *Tx) readHeader(u *Unthreaded, size int) error {
	return tx.c.query("SELECT data FROM header WHERE message = ?", func(r row) error {
		if header, err := decodeHeader(r.blob(0), size); err == nil {
			u.Header = header
		}
		return nil
	}, int64(u.ID))
}

// SetThread gives a message its thread, for ever: the oldest one that has one of its names, or a new one. The names that
// no thread has are the thread's from now on.
func (tx *Tx) SetThread(id MessageID, names []int64) error {
	thread := id
	var fresh []int64
	for _, name := range names {
		found := MessageID(0)
		err := tx.c.query("SELECT thread FROM threadname WHERE name = ?",
			func(r row) error { found = MessageID(r.int(0)); return nil }, name)
		if err != nil {
			return err
		}
		if found == 0 {
			fresh = append(fresh, name)
			continue
		}
		thread = min(thread, found)
	}
	for _, name := range fresh {
		if err := tx.c.exec("INSERT OR IGNORE INTO threadname (name, thread) VALUES (?, ?)", name, int64(thread)); err != nil {
			return err
		}
	}
	return tx.c.exec("INSERT OR REPLACE INTO thread (message, thread) VALUES (?, ?)", int64(id), int64(thread))
}

// SetPreview keeps a message's preview, unless it has been erased.
func (tx *Tx) SetPreview(id MessageID, text string) error {
	return tx.c.exec("UPDATE message SET preview = ? WHERE id = ?", text, int64(id))
}
