package storage

import (
	"fmt"
	"time"
)

// Purge deletes the bytes of up to limit messages that lost their last entry before the given time, oldest message
// first, and returns how many. The space is used for later messages; the file does not shrink.
func (tx *Tx) Purge(before time.Time, limit int) (int, error) {
	if err := tx.usable(); err != nil {
		return 0, err
	}
	var ids []int64
	// The highest message stays: the next ID is found from it.
	err := tx.c.query(`SELECT message FROM orphan WHERE since < ? AND message < (SELECT max(id) FROM message)
		ORDER BY message LIMIT ?`, func(r row) error {
		ids = append(ids, r.int(0))
		return nil
	}, before.Unix(), int64(limit))
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := tx.eraseMessage(MessageID(id)); err != nil {
			return 0, fmt.Errorf("purge message %d: %w", id, err)
		}
	}
	return len(ids), nil
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
