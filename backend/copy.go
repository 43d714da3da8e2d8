package backend

import (
	"fmt"

	"satchel/storage"
)

// CopyResult says which messages a COPY or MOVE made: To[i] is the copy of
// From[i] (RFC 4315, 3).
type CopyResult struct {
	UIDValidity uint32 // of the target
	From, To    []UID
}

// transfer is what a COPY, MOVE or expunge does to rows of a mailbox.
type transfer struct {
	rows    []storage.Entry
	added   []storage.Entry
	removed ModSeq
}

func (t *transfer) uids() []UID { return uidsOf(t.rows) }

func uidsOf(entries []storage.Entry) []UID {
	uids := make([]UID, len(entries))
	for i := range entries {
		uids[i] = entries[i].UID
	}
	return uids
}

// entries lists the rows of ascending UIDs that are still there; nil means all.
func (m *mailbox) entries(uids []UID) []storage.Entry {
	m.mu.RLock()
	defer m.mu.RUnlock()
	x := m.idx
	if uids == nil {
		uids = x.uid
	}
	list := make([]storage.Entry, 0, len(uids))
	for _, i := range x.places(uids) {
		list = append(list, x.entry(i))
	}
	return list
}

// Copy copies the selected messages to another mailbox, all or none: flags,
// keywords and internal dates are kept (RFC 3501, 6.4.7). Messages that others
// have expunged meanwhile fail it with ErrVanished if strict, and are left out
// otherwise.
func (v *View) Copy(s Selection, dst string, strict bool) (CopyResult, error) {
	return v.transfer(s, dst, strict, false)
}

// Move is Copy with the originals expunged in the same transaction (RFC 6851).
// The next Pull tells of the expunges.
func (v *View) Move(s Selection, dst string, strict bool) (CopyResult, error) {
	if v.readOnly {
		return CopyResult{}, ErrReadOnly
	}
	return v.transfer(s, dst, strict, true)
}

func (v *View) transfer(s Selection, dst string, strict, move bool) (CopyResult, error) {
	target, err := v.account.mailbox(dst)
	if err != nil {
		return CopyResult{}, err
	}
	var t transfer
	uids := v.selected(s)
	if len(uids) > 0 {
		err = v.account.write(&change{
			alters: []any{v.mailbox},
			run: func(tx *storage.Tx) (err error) {
				t, err = v.mailbox.transfer(tx, target, uids, strict, move)
				return err
			},
			apply: func() {
				target.added(t.added)
				if move {
					v.mailbox.expunged(t.uids(), t.removed)
				}
			},
		})
	}
	if err != nil {
		return CopyResult{}, fmt.Errorf("copy from %q to %q: %w", v.Name(), dst, err)
	}
	return CopyResult{UIDValidity: target.status().UIDValidity, From: t.uids(), To: uidsOf(t.added)}, nil
}

// transfer writes one COPY or MOVE.
func (m *mailbox) transfer(tx *storage.Tx, target *mailbox, uids []UID, strict, move bool) (t transfer, err error) {
	t.rows = m.entries(uids)
	if len(t.rows) < len(uids) && strict {
		return t, ErrVanished
	}
	if len(t.rows) == 0 {
		return t, nil
	}
	if err := m.carryKeywords(tx, target, t.rows); err != nil {
		return t, err
	}
	switch {
	case !move:
		t.added, err = tx.Copy(target.id, t.rows)
	case m != target:
		t.added, t.removed, err = tx.Move(m.id, target.id, t.rows)
	default:
		// Into the mailbox itself: the messages come again under new UIDs.
		if t.added, err = tx.Copy(m.id, t.rows); err == nil {
			t.removed, err = tx.Expunge(m.id, t.rows)
		}
	}
	return t, err
}

// carryKeywords makes the keywords of copied messages known in the target, and
// spells them as it does.
func (m *mailbox) carryKeywords(tx *storage.Tx, target *mailbox, rows []storage.Entry) error {
	if m == target {
		return nil
	}
	spelt := map[string]string{"": ""}
	for i := range rows {
		old := rows[i].Keywords
		text, known := spelt[old]
		if !known {
			var err error
			if text, err = adoptKeywords(tx, target.id, splitKeywords(old)); err != nil {
				return err
			}
			spelt[old] = text
		}
		rows[i].Keywords = text
	}
	return nil
}

// adoptKeywords makes keywords known in a mailbox and gives them in its
// spelling, as storage keeps them.
func adoptKeywords(tx *storage.Tx, id MailboxID, keywords []string) (string, error) {
	if len(keywords) == 0 {
		return "", nil
	}
	row, err := tx.Mailbox(id)
	if err != nil {
		return "", err
	}
	canonical, fresh, err := canonicalKeywords(&row, keywords)
	if err != nil {
		return "", err
	}
	if len(fresh) > 0 {
		if err := tx.AddKeywords(id, fresh); err != nil {
			return "", err
		}
	}
	return keywordText(canonical), nil
}

// Expunge removes the selected messages that have \Deleted, or all that have it
// if s is nil. The next Pull(true) tells of it.
func (v *View) Expunge(s *Selection) error {
	if v.readOnly {
		return ErrReadOnly
	}
	var uids []UID
	if s != nil {
		uids = v.selected(*s)
	}
	_, err := v.mailbox.expunge(func() []storage.Entry { return v.mailbox.deleted(uids, s == nil) })
	return err
}

// expunge removes those of the mailbox's messages that choose gives when it is the change's turn, and says how many
// they are. Somebody has the mailbox open.
func (m *mailbox) expunge(choose func() []storage.Entry) (n int, err error) {
	var t transfer
	err = m.account.write(&change{
		alters: []any{m},
		run: func(tx *storage.Tx) (err error) {
			t = transfer{rows: choose()}
			if len(t.rows) > 0 {
				t.removed, err = tx.Expunge(m.id, t.rows)
			}
			return err
		},
		apply: func() { m.expunged(t.uids(), t.removed) },
	})
	if err != nil {
		return 0, fmt.Errorf("expunge %q: %w", m.name(), err)
	}
	return len(t.rows), nil
}

// deleted lists the messages with \Deleted among some UIDs or in the whole mailbox.
func (m *mailbox) deleted(uids []UID, all bool) []storage.Entry {
	m.mu.RLock()
	defer m.mu.RUnlock()
	x := m.idx
	if all {
		uids = x.uid
	}
	var list []storage.Entry
	for _, i := range x.places(uids) {
		if x.flags[i]&FlagDeleted != 0 {
			list = append(list, x.entry(i))
		}
	}
	return list
}
