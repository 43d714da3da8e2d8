package storage

import "fmt"

// FormerMailbox is what is kept of a mailbox that was deleted, as long as messages of it can be brought back.
type FormerMailbox struct {
	Name       string // its last one
	SpecialUse string
	Subscribed bool
}

// FormerMailboxes are the mailboxes that are gone and of which messages are kept.
func (m *Mail) FormerMailboxes() (map[MailboxID]FormerMailbox, error) {
	all := make(map[MailboxID]FormerMailbox)
	err := m.read(func(c *conn) error {
		return c.query("SELECT mailbox, name, special_use, subscribed FROM former", func(r row) error {
			all[MailboxID(r.int(0))] = FormerMailbox{r.text(1), r.text(2), r.int(3) != 0}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list former mailboxes: %w", err)
	}
	return all, nil
}

// keepFormer notes what a mailbox was called that is about to be deleted, if expunged messages of it are kept.
func (tx *Tx) keepFormer(b *Mailbox) error {
	return tx.c.exec(`INSERT INTO former (mailbox, name, special_use, subscribed)
		SELECT ?, ?, ?, EXISTS (SELECT 1 FROM subscription WHERE name = ?)
		WHERE EXISTS (SELECT 1 FROM orphan WHERE mailbox = ?)`, int64(b.ID), b.Name, b.SpecialUse, b.Name, int64(b.ID))
}

// ForgetFormer drops what is known of deleted mailboxes of which no message is kept any more.
func (tx *Tx) ForgetFormer() error {
	return tx.c.exec("DELETE FROM former WHERE mailbox NOT IN (SELECT mailbox FROM orphan)")
}
