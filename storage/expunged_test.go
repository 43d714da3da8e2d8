package storage

import (
	"slices"
	"testing"
	"time"
)

// vanished is what Expunged tells.
func vanished(t testing.TB, m *Mail, id MailboxID, since ModSeq) (list []Range) {
	t.Helper()
	forgotten, err := m.Expunged(id, since, func(r Range) { list = append(list, r) })
	must(t, err)
	boxes, _, err := m.Mailboxes()
	must(t, err)
	if i := slices.IndexFunc(boxes, func(b Mailbox) bool { return b.ID == id }); boxes[i].Forgotten != forgotten {
		t.Errorf("forgotten up to %d, told %d", boxes[i].Forgotten, forgotten)
	}
	return list
}

func TestExpungedSince(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	rows := fillBox(t, m, box, 10) // mod-sequences 2 to 11
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, rows[6:9])) })
	commit(t, m, func(tx *Tx) {
		_, removed, err := tx.Move(box, other, rows[1:2])
		if must(t, err); removed != 13 {
			t.Errorf("moved at %d, want 13", removed)
		}
	})
	for _, c := range []struct {
		since ModSeq
		want  []Range
	}{{0, []Range{{7, 9}, {2, 2}}}, {11, []Range{{7, 9}, {2, 2}}}, {12, []Range{{2, 2}}}, {13, nil}} {
		if got := vanished(t, m, box, c.since); !slices.Equal(got, c.want) {
			t.Errorf("since %d: %v, want %v", c.since, got, c.want)
		}
	}
	if got := vanished(t, m, other, 0); got != nil {
		t.Errorf("of the other mailbox: %v", got)
	}
}

// What is forgotten is gone, and the mailbox knows up to where.
func TestForgetExpunged(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 8) // mod-sequences 2 to 9
	for i := range 4 {
		commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, rows[2*i:2*i+1])) }) // 10 to 13
	}
	forget := func(before time.Time, most, limit int, done bool, forgotten ModSeq, want ...Range) {
		t.Helper()
		commit(t, m, func(tx *Tx) {
			if got := ok[bool](t)(tx.ForgetExpunged(box, before, most, limit)); got != done {
				t.Errorf("done %v, want %v", got, done)
			}
			if b := ok[Mailbox](t)(tx.Mailbox(box)); b.Forgotten != forgotten {
				t.Errorf("forgotten up to %d, want %d", b.Forgotten, forgotten)
			}
		})
		if got := vanished(t, m, box, 0); !slices.Equal(got, want) {
			t.Errorf("remembers %v, want %v", got, want)
		}
	}
	hour := time.Hour
	forget(time.Now().Add(-hour), 10, 10, true, 0, Range{1, 1}, Range{3, 3}, Range{5, 5}, Range{7, 7})
	forget(time.Now().Add(-hour), 3, 10, true, 10, Range{3, 3}, Range{5, 5}, Range{7, 7})
	forget(time.Now().Add(-hour), 1, 1, false, 12, Range{5, 5}, Range{7, 7})
	forget(time.Now().Add(-hour), 1, 10, true, 12, Range{7, 7})
	forget(time.Now().Add(hour), 10, 10, true, 13)
	path := m.path
	boxes, _, err := m.Mailboxes()
	if must(t, err); boxes[0].Forgotten != 13 {
		t.Errorf("%s has forgotten up to %d", path, boxes[0].Forgotten)
	}
}
