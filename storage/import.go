package storage

import "fmt"

// Imported reports which keys the mailbox has had, in the order of keys. It stays so when the message is expunged.
func (m *Mail) Imported(id MailboxID, keys [][]byte) ([]bool, error) {
	had := make([]bool, len(keys))
	err := m.read(func(c *conn) error {
		for i, key := range keys {
			n, err := c.queryInt("SELECT count(*) FROM imported WHERE mailbox = ? AND key = ?", int64(id), key)
			if err != nil {
				return err
			}
			had[i] = n > 0
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up imported messages: %w", err)
	}
	return had, nil
}
