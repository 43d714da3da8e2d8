package storage

import (
	"errors"
	"slices"
	"testing"
)

// orphans lists what is kept of expunged messages, without when.
func orphans(t testing.TB, m *Mail) (list []Orphan) {
	t.Helper()
	must(t, m.Orphans(0, func(o *Orphan) error {
		list = append(list, *o)
		list[len(list)-1].Since = 0
		return nil
	}))
	return list
}

// What an entry had is kept, however it went: alone or in a run, the last of several, with its mailbox.
func TestOrphanKeepsItsEntry(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	fillBox(t, m, box, 30)
	keywords := "$a b"
	commit(t, m, func(tx *Tx) {
		ok[ModSeq](t)(tx.SetFlags(box, []FlagChange{{UIDs: []Range{{1, 30}}, Set: FlagDeleted | FlagFlagged, Keywords: &keywords, Deleted: 30}}))
	})
	rows := entries(t, m, box)
	want := func(e Entry, box MailboxID, by Cause) Orphan {
		return Orphan{Message: e.Message, Mailbox: box, UID: e.UID, Cause: by, Flags: FlagFlagged, Size: 600, Date: 1_700_000_000, Keywords: keywords}
	}
	var all []Orphan
	expunge := func(by Cause, rows ...Entry) {
		t.Helper()
		commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.expunge(box, rows, by)) })
		for _, e := range rows {
			all = append(all, want(e, box, by))
		}
	}
	expunge(ByExpunge, rows[:16]...)       // a run
	expunge(ByReplace, rows[16], rows[18]) // single ones
	var copied []Entry
	commit(t, m, func(tx *Tx) { copied = ok[[]Entry](t)(tx.Copy(other, rows[20:22])) })
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.ExpungeReplaced(other, copied[:1])) }) // lives on
	expunge(ByExpunge, rows[20], rows[22])
	commit(t, m, func(tx *Tx) { must(t, tx.DeleteMailbox(box)) })
	for _, e := range slices.Concat(rows[17:18], rows[19:20], rows[23:]) {
		all = append(all, want(e, box, ByDeletion))
	}
	slices.SortFunc(all, func(a, b Orphan) int { return int(a.Message - b.Message) })
	if got := orphans(t, m); !slices.Equal(got, all) {
		t.Errorf("kept %+v\nwant %+v", got, all)
	}
	commit(t, m, func(tx *Tx) { must(t, tx.DeleteMailbox(other)) }) // with the last entry of the 22nd
	if got := orphans(t, m); len(got) != 30 || got[21] != want(copied[1], other, ByDeletion) {
		t.Errorf("%d kept, the 22nd as %+v", len(got), got[21])
	}
	former := ok[map[MailboxID]FormerMailbox](t)(m.FormerMailboxes())
	if len(former) != 2 || former[box].Name != "INBOX" || former[other].Name != "other" {
		t.Errorf("former mailboxes %v", former)
	}
}

// Only what is expunged can be restored, and only once.
func TestRestore(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 3)
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, rows[:2])) })
	for _, wrong := range [][]Entry{rows, rows[2:], {rows[0], rows[0]}, {{Message: 99}}} {
		tx := begin(t, m)
		if _, err := tx.Restore(box, wrong); !errors.Is(err, ErrNotFound) {
			t.Errorf("restored %v: %v", wrong, err)
		}
		tx.Rollback()
	}
	touched := commit(t, m, func(tx *Tx) {
		added := ok[[]Entry](t)(tx.Restore(box, rows[:2]))
		if added[0].UID != 4 || added[1].UID != 5 || added[0].ModSeq != 6 || added[1].ModSeq != 6 {
			t.Errorf("restored as %+v", added)
		}
	})
	if b := touched[0]; b.Messages != 3 || b.UIDNext != 6 || b.ModSeq != 6 || b.Size != 1800 {
		t.Errorf("counters %+v", b)
	}
	commit(t, m, func(tx *Tx) { must(t, tx.ForgetFormer()) })
	if left := orphans(t, m); left != nil {
		t.Errorf("left %v", left)
	}
}
