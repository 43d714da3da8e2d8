package storage

import (
	"slices"
	"testing"
)

// What was moved on gives nothing out that may have been given out before, and tells clients so.
func TestAdvance(t *testing.T) {
	m := openTest(t)
	box, full := newMailbox(t, m, "INBOX"), newMailbox(t, m, "full")
	fillBox(t, m, box, 3)
	commit(t, m, func(tx *Tx) {
		b := ok[Mailbox](t)(tx.Mailbox(full))
		b.UIDNext = maxAdvanced - 10
		tx.touch(&b)
		ok[ModSeq](t)(tx.Expunge(box, entries(t, m, box)[:1]))
	})
	before, _, err := m.Mailboxes()
	must(t, err)
	must(t, m.Advance(Advance{UIDs: 100, ModSeqs: 1000, Messages: 50, Mailboxes: 20}))
	after, _, err := m.Mailboxes()
	must(t, err)
	x, y := before[0], after[0]
	if y.UIDValidity != x.UIDValidity || y.UIDNext != x.UIDNext+100 || y.ModSeq != x.ModSeq+1000 {
		t.Errorf("INBOX was %+v, is %+v", x, y)
	}
	for _, e := range entries(t, m, box) {
		if e.ModSeq <= x.ModSeq+999 {
			t.Errorf("UID %d has mod-sequence %d", e.UID, e.ModSeq)
		}
	}
	if gone := vanished(t, m, box, x.ModSeq+500); !slices.Equal(gone, []Range{{x.UIDNext, x.UIDNext + 99}}) {
		t.Errorf("vanished %v", gone)
	}
	if y := after[1]; y.UIDValidity == before[1].UIDValidity || y.UIDNext != before[1].UIDNext {
		t.Errorf("a mailbox without UIDs to spare was %+v, is %+v", before[1], y)
	}
	if id := newMailbox(t, m, "new"); id < full+20 {
		t.Errorf("the next mailbox is %d", id)
	}
	objects := ok[uint64](t)(m.Objects())
	must(t, m.Advance(Advance{NewUIDValidity: true, NewObjects: true}))
	last, _, err := m.Mailboxes()
	must(t, err)
	if last[0].UIDValidity == y.UIDValidity || last[0].UIDNext != y.UIDNext || ok[uint64](t)(m.Objects()) == objects {
		t.Errorf("with a new UIDVALIDITY: %+v", last[0])
	}
}
