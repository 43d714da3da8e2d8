package backend

import (
	"fmt"

	"satchel/storage"
)

// Replace stores the one message of a batch in a mailbox and expunges the one that
// is selected, in one transaction (RFC 8508, 3). ErrVanished when that is gone:
// then nothing is stored. The next Pull tells of the expunge.
func (v *View) Replace(old Selection, dst string, b *Batch) (uidvalidity uint32, uid UID, err error) {
	if v.readOnly {
		return 0, 0, ErrReadOnly
	}
	target, err := v.account.mailbox(dst)
	if err == nil {
		err = b.prepare()
	}
	if err == nil {
		uid, err = v.replace(v.selected(old), target, b)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("replace in %q by %q: %w", v.Name(), dst, err)
	}
	return target.status().UIDValidity, uid, nil
}

func (v *View) replace(old []UID, target *mailbox, b *Batch) (UID, error) {
	var t transfer
	var uids []UID
	err := v.account.write(&change{
		alters: []any{v.mailbox},
		run: func(tx *storage.Tx) (err error) {
			if t.rows = v.mailbox.entries(old); len(t.rows) != 1 {
				return ErrVanished
			}
			if t.added, uids, err = target.append(tx, b.From, b.each); err == nil {
				t.removed, err = tx.ExpungeReplaced(v.mailbox.id, t.rows)
			}
			return err
		},
		apply: func() {
			target.added(t.added)
			v.mailbox.expunged(t.uids(), t.removed)
		},
	})
	if err != nil {
		return 0, err
	}
	return uids[0], nil
}
