package storage

// Numbering is how a place that messages come from has numbered them.
type Numbering struct {
	Source      string // names the place
	UIDValidity uint32
	UIDNext     UID // it has given out none from here on
}

const (
	// uidGap is how many UIDs are left out after those that a source has given out. A message that still reaches the source
	// after mail has begun to come in here must not have a UID there that another has here: a mail program that has seen
	// both would take one for the other.
	uidGap = 100_000
	// maxReserved bounds the UIDs that are kept: a source that has the highest ones would leave none to give out.
	maxReserved = 1 << 31
)

// AdoptUIDs gives a mailbox that never held a message the UIDVALIDITY of where its messages come from. From then on no
// message gets a UID that the source has given out to another: those that Append is given are kept as long as they rise
// and nothing else has been added; all others are from beyond. It reports whether UIDs can be kept: now, or still, if it
// did so before.
func (tx *Tx) AdoptUIDs(id MailboxID, from Numbering) (kept bool, err error) {
	b, err := tx.Mailbox(id)
	if err != nil {
		return false, err
	}
	reserved := uint64(from.UIDNext) + uidGap
	again := b.adopted(from)
	if reserved > maxReserved || !again && b.UIDNext > 1 {
		return false, nil
	}
	if !again {
		if spent, err := tx.isSpent(from.UIDValidity); spent || err != nil {
			return false, err
		}
		if b.UIDValidity, err = tx.takeUIDValidity(from.UIDValidity); err != nil {
			return false, err
		}
		b.Source, b.Reserved = from.Source, 0
	}
	kept = !again || b.UIDNext <= b.Reserved
	b.Reserved = max(b.Reserved, UID(reserved))
	if !kept { // and never again
		b.UIDNext = max(b.UIDNext, b.Reserved+1)
	}
	tx.touch(&b)
	return kept, nil
}

// HasAdopted reports whether a mailbox has the numbering of a place: else UIDs of there mean nothing in it.
func (tx *Tx) HasAdopted(id MailboxID, from Numbering) (bool, error) {
	b, err := tx.Mailbox(id)
	return err == nil && b.adopted(from), err
}

func (b *Mailbox) adopted(from Numbering) bool {
	return b.Reserved > 0 && b.Source == from.Source && b.UIDValidity == from.UIDValidity
}

// AdoptUIDNext gives a mailbox that has all messages of a place, and keeps their UIDs, the UIDNext of there: those that
// the place gave to messages that are gone are not given again.
func (tx *Tx) AdoptUIDNext(id MailboxID, from Numbering) error {
	b, err := tx.Mailbox(id)
	if err != nil || !b.adopted(from) || b.UIDNext >= from.UIDNext {
		return err
	}
	b.UIDNext = from.UIDNext
	tx.touch(&b)
	return nil
}

// spend notes the UIDVALIDITY of b, if that was adopted, when b is about to lose its name. It reports whether another
// mailbox has lost its name with the same one before: should both come to have one name, one after the other, clients
// would take the UIDs of one for those of the other.
func (tx *Tx) spend(b *Mailbox) (byOther bool, err error) {
	if b.Reserved == 0 || b.UIDNext == 1 {
		return false, nil
	}
	err = tx.c.exec(`INSERT INTO meta (key, value) VALUES ('spent' || ?1, ?2)
		ON CONFLICT (key) DO UPDATE SET value = 0 WHERE value <> excluded.value`, int64(b.UIDValidity), int64(b.ID))
	if err != nil {
		return false, err
	}
	who, err := tx.c.queryInt("SELECT value FROM meta WHERE key = 'spent' || ?", int64(b.UIDValidity)) // 0: several
	return who != int64(b.ID), err
}

func (tx *Tx) isSpent(v uint32) (bool, error) {
	n, err := tx.c.queryInt("SELECT count(*) FROM meta WHERE key = 'spent' || ?", int64(v))
	return n > 0, err
}
