package backend

import (
	"slices"

	"satchel/backend/message"
	"satchel/storage"
)

// madeKeys are keys that storage did not have.
type madeKeys struct {
	id   MessageID
	keys message.SortKeys
}

// read reads the keys of the messages at [from, to). Those that are not stored are
// made of the header. A message whose bytes are gone has none.
func (c *sortCache) read(v *View, from, to int, made *[]madeKeys) ([]message.SortKeys, error) {
	keys := make([]message.SortKeys, to-from)
	msgs, at := c.msgs[from:to], 0
	mail := v.account.mail
	err := mail.SortKeys(v.mailbox.id, c.uids[from], c.uids[to-1], func(id MessageID, k []byte) {
		for i := at; i < len(msgs); i++ {
			if msgs[i] == id {
				keys[i], at = k, i+1
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	var missing []int
	for i := range keys {
		if !keys[i].Current() {
			if keys[i], err = mail.SortKey(msgs[i]); err != nil {
				return nil, err
			}
		}
		if !keys[i].Current() {
			missing = append(missing, i)
		}
	}
	return keys, makeKeys(mail, msgs, keys, missing, made)
}

// makeKeys makes the keys that are missing.
func makeKeys(mail *storage.Mail, msgs []MessageID, keys []message.SortKeys, missing []int, made *[]madeKeys) error {
	var ids []MessageID
	var stored []Message
	for part := range slices.Chunk(missing, MaxBatch) {
		ids = ids[:0]
		for _, i := range part {
			ids = append(ids, msgs[i])
		}
		var err error
		if stored, err = mail.Messages(ids, ColHeader, stored); err != nil {
			return err
		}
		for n, i := range part {
			if stored[n].ID != 0 {
				keys[i] = message.HeaderSortKeys(stored[n].Header)
				*made = append(*made, madeKeys{msgs[i], keys[i]})
			}
		}
	}
	return nil
}

// keepSortKeys stores keys that had to be made. It is no harm if that fails: they
// are made again.
func (a *Account) keepSortKeys(made []madeKeys) {
	for part := range slices.Chunk(made, sortBatch) {
		err := a.write(&change{run: func(tx *storage.Tx) error {
			for _, m := range part {
				if err := tx.SetSortKeys(m.id, m.keys); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			a.backend.cfg.Log.Warn("keep sort keys", "account", a.name, "error", err)
			return
		}
	}
}
