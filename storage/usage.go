package storage

// Resource is one of the things that quotas count (RFC 9208, 5).
type Resource int

// The resources. A message counts once for each mailbox that it is in; what was expunged does not count.
const (
	QuotaStorage   Resource = iota // bytes of messages, by their RFC822.SIZE
	QuotaMessages                  // messages
	QuotaMailboxes                 // mailboxes
	quotaResources
)

// Usage is how much there is of each Resource.
type Usage [quotaResources]int64

// Plus returns the sum of both.
func (u Usage) Plus(o Usage) Usage {
	for r := range o {
		u[r] += o[r]
	}
	return u
}

// Minus returns the difference.
func (u Usage) Minus(o Usage) Usage {
	for r := range o {
		u[r] -= o[r]
	}
	return u
}

// Usage is the mailbox's own.
func (b *Mailbox) Usage() Usage { return Usage{b.Size, int64(b.Messages), 1} }

// Usage sums up all mailboxes, as of the last commit.
func (m *Mail) Usage() (u Usage, err error) {
	err = m.read(func(c *conn) error {
		return c.queryRow("SELECT coalesce(sum(size), 0), coalesce(sum(messages), 0), count(*) FROM mailbox",
			func(r row) { u = Usage{r.int(0), r.int(1), r.int(2)} })
	})
	return u, err
}

// Grown is by how much the transaction has changed the usage so far; what was rolled back does not count.
func (tx *Tx) Grown() Usage { return tx.grown }

// DeletedBytes sums up the messages of a mailbox that have \Deleted: by so much an EXPUNGE lowers its usage.
func (m *Mail) DeletedBytes(id MailboxID) (n int64, err error) {
	err = m.read(func(c *conn) error {
		n, err = c.queryInt("SELECT coalesce(sum(size), 0) FROM entry WHERE mailbox = ? AND flags & 8 != 0", int64(id))
		return err
	})
	return n, err
}
