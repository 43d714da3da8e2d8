package storage

import (
	"fmt"

	"satchel/storage/terms"
)

const lastMessage = "SELECT max((SELECT coalesce(max(id), 0) FROM message), value) FROM meta WHERE key = 'erased'"

// LastMessage is the highest ID of a message that was committed, whether it was erased or not: later ones get higher IDs.
// 0 when there is none.
func (m *Mail) LastMessage() (id MessageID, err error) {
	err = m.readNow(func(c *conn) error {
		n, err := c.queryInt(lastMessage)
		id = MessageID(n)
		return err
	})
	return id, err
}

// MessagesAfter reads columns of the messages that follow an ID, in the order of IDs, into the memory of into: at most
// most of them, and no more than have so many bytes together, by their sizes, but for the first.
func (m *Mail) MessagesAfter(id MessageID, most int, bytes int64, cols Columns, into []Message) ([]Message, error) {
	into = into[:0]
	err := m.read(func(c *conn) error {
		return c.query(messageQuery(cols)+"> ? ORDER BY id LIMIT ?", func(r row) error {
			into = append(into, Message{})
			last := &into[len(into)-1]
			scanMessage(r, cols, last)
			if bytes -= int64(last.Size); bytes < 0 && len(into) > 1 {
				into = into[:len(into)-1]
				return errStop
			}
			return nil
		}, int64(id), int64(most))
	})
	if err != nil {
		return nil, fmt.Errorf("read messages after %d: %w", id, err)
	}
	return into, nil
}

// MessagesWithin is the set of messages from first to last.
func (m *Mail) MessagesWithin(first, last MessageID) (*terms.Set, error) {
	set := new(terms.Set)
	err := m.read(func(c *conn) error {
		return c.query("SELECT id FROM message WHERE id BETWEEN ? AND ?", func(r row) error {
			set.Add(r.int(0))
			return nil
		}, int64(first), int64(last))
	})
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return set, nil
}
