package storage

import (
	"fmt"
	"time"
)

// SetServed says for how many seconds the server has run, which is noted of what is expunged from now on.
func (m *Mail) SetServed(seconds int64) { m.served.Store(seconds) }

// Expired returns messages that were expunged before from, and before the server had run for served seconds. One that
// was expunged after to was so by a clock that was ahead, and counts as expunged before from. At most limit, in the order
// of IDs.
func (m *Mail) Expired(served int64, from, to time.Time, limit int) (ids []MessageID, err error) {
	err = m.read(func(c *conn) error {
		return c.query(`SELECT message FROM orphan WHERE served < ? AND since NOT BETWEEN ? AND ? ORDER BY message LIMIT ?`, func(r row) error {
			ids = append(ids, MessageID(r.int(0)))
			return nil
		}, served, from.Unix(), to.Unix(), int64(limit))
	})
	if err != nil {
		return nil, fmt.Errorf("list expired messages: %w", err)
	}
	return ids, nil
}

// BoundServed lowers what is noted of expunged messages to what SetServed said, where it is more: the count was lost and
// began anew, or the file comes from another data folder.
func (tx *Tx) BoundServed() error {
	return tx.c.exec("UPDATE orphan SET served = ?1 WHERE served > ?1", tx.m.served.Load())
}

// Erase deletes the bytes of those of some messages that are expunged, and says how many were. The space is used for
// later messages; the file does not shrink, and has the bytes until then, or until Compact.
func (tx *Tx) Erase(ids []MessageID) (n int, err error) {
	orphans, err := tx.OrphansOf(ids)
	if err != nil {
		return 0, err
	}
	highest := MessageID(0)
	for i := range orphans {
		id := orphans[i].Message
		if id == 0 {
			continue
		}
		if err := tx.eraseMessage(id); err != nil {
			return 0, fmt.Errorf("erase message %d: %w", id, err)
		}
		highest = max(highest, id)
		n++
	}
	if n == 0 {
		return 0, nil
	}
	return n, tx.c.exec("UPDATE meta SET value = ? WHERE key = 'erased' AND value < ?", int64(highest), int64(highest))
}

// SetUnclean notes that what was erased for good may still be in the files, until Compact and the rest are done.
func (tx *Tx) SetUnclean() error {
	return tx.c.exec("UPDATE meta SET value = abs(value) + 1 WHERE key = 'unclean'")
}

// Unclean is above 0 after SetUnclean, and another number after each.
func (m *Mail) Unclean() (mark int64, err error) {
	err = m.readNow(func(c *conn) error {
		mark, err = c.queryInt("SELECT max(value, 0) FROM meta WHERE key = 'unclean'")
		return err
	})
	return mark, err
}

// SetClean notes that the files are free of what had been erased when Unclean gave a mark. What was erased since keeps
// them unclean.
func (tx *Tx) SetClean(mark int64) error {
	return tx.c.exec("UPDATE meta SET value = -value WHERE key = 'unclean' AND value = ?", mark)
}

// eraseThreadNames forgets what belongs to a thread together with its last message.
const eraseThreadNames = `DELETE FROM threadname WHERE thread = (SELECT t.thread FROM thread t WHERE t.message = ?1
	AND NOT EXISTS (SELECT 1 FROM thread o WHERE o.thread = t.thread AND o.message != ?1))`

// eraseMessage deletes all rows of an orphan.
func (tx *Tx) eraseMessage(id MessageID) error {
	first, last := bodyKey(id, 0, 0), bodyKey(id+1, 0, 0)-1
	if err := tx.c.exec("DELETE FROM body WHERE id BETWEEN ? AND ?", first, last); err != nil {
		return err
	}
	for _, sql := range []string{
		"DELETE FROM header WHERE message = ?",
		"DELETE FROM sortkey WHERE message = ?",
		"DELETE FROM message WHERE id = ?",
		"DELETE FROM orphan WHERE message = ?",
		eraseThreadNames,
		"DELETE FROM thread WHERE message = ?",
	} {
		if err := tx.c.exec(sql, int64(id)); err != nil {
			return err
		}
	}
	return nil
}
