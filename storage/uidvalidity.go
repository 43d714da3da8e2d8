package storage

import "math"

// takeUIDValidity notes a UIDVALIDITY as given out; 0 asks for a new one.
func (tx *Tx) takeUIDValidity(wanted uint32) (uint32, error) {
	last, err := tx.c.queryInt("SELECT coalesce(max(value), 0) FROM meta WHERE key = 'uidvalidity'")
	if err != nil {
		return 0, err
	}
	v := int64(wanted)
	switch {
	case v == 0 && tx.now > math.MaxUint32-1<<24: // a clock that is wrong, or leaves no room above
		v = last + 1
	case v == 0:
		v = max(tx.now, last+1)
	case v > math.MaxInt32:
		return wanted, nil // a foreign one this high would leave no room above it
	}
	if v > last {
		err = tx.c.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('uidvalidity', ?)", v)
	}
	return uint32(v), err
}

// renewUIDValidity gives b a UIDVALIDITY of this file's own, above the one it has.
func (tx *Tx) renewUIDValidity(b *Mailbox) error {
	next, err := tx.takeUIDValidity(0)
	if err != nil {
		return err
	}
	if next <= b.UIDValidity { // a foreign one, that was not noted
		next = max(b.UIDValidity+1, 1)
	}
	b.UIDValidity, b.Source, b.Reserved = next, "", 0
	return nil
}
