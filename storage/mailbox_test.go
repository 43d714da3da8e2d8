package storage

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"
)

func TestMailboxesComeBack(t *testing.T) {
	m := openTest(t)
	var inbox, sent Mailbox
	commit(t, m, func(tx *Tx) {
		sent = ok[Mailbox](t)(tx.CreateMailbox("Sent", `\Sent`))
		inbox = ok[Mailbox](t)(tx.CreateMailbox("INBOX", ""))
		must(t, tx.AddKeywords(inbox.ID, []string{"$Forwarded", "b", "$Forwarded"}))
		must(t, tx.AddKeywords(inbox.ID, []string{"b", "a"}))
		must(t, tx.SetSubscribed("INBOX", true))
		must(t, tx.SetSubscribed("gone", true))
		must(t, tx.SetSubscribed("Sent", true))
		must(t, tx.SetSubscribed("Sent", false))
	})
	inbox.Keywords = []string{"$Forwarded", "b", "a"}
	boxes, subscribed, err := m.Mailboxes()
	must(t, err)
	if len(boxes) != 2 || !same(boxes[0], inbox) || !same(boxes[1], sent) {
		t.Errorf("got %+v, want %+v and %+v", boxes, inbox, sent)
	}
	if want := []string{"INBOX", "gone"}; !slices.Equal(subscribed, want) {
		t.Errorf("subscribed to %q, want %q", subscribed, want)
	}
	if inbox.ModSeq != 1 || inbox.UIDNext != 1 || sent.SpecialUse != `\Sent` {
		t.Errorf("fresh mailboxes: %+v, %+v", inbox, sent)
	}
}

// same compares mailboxes with their keywords.
func same(a, b Mailbox) bool {
	if !slices.Equal(a.Keywords, b.Keywords) {
		return false
	}
	a.Keywords, b.Keywords = nil, nil
	return a.ID == b.ID && a.Name == b.Name && a.UIDValidity == b.UIDValidity && a.UIDNext == b.UIDNext &&
		a.ModSeq == b.ModSeq && a.Recent == b.Recent && a.Messages == b.Messages && a.Unseen == b.Unseen &&
		a.Deleted == b.Deleted && a.Size == b.Size && a.SpecialUse == b.SpecialUse
}

func TestNamesAreUnique(t *testing.T) {
	m := openTest(t)
	a, b := newMailbox(t, m, "a"), newMailbox(t, m, "b")
	tx := begin(t, m)
	defer tx.Rollback()
	must(t, tx.Savepoint())
	if _, err := tx.CreateMailbox("a", ""); !errors.Is(err, ErrExists) {
		t.Errorf("create a again: %v", err)
	}
	must(t, tx.RollbackTo())
	must(t, tx.Savepoint())
	if err := tx.RenameMailbox(b, "a"); !errors.Is(err, ErrExists) {
		t.Errorf("rename b to a: %v", err)
	}
	must(t, tx.RollbackTo())
	must(t, tx.RenameMailbox(a, "c"))
	must(t, tx.RenameMailbox(b, "a"))
	must(t, tx.SetSpecialUse(b, `\Trash`))
	must(t, tx.Commit())
	got := tx.Touched()
	if len(got) != 2 || got[0].Name != "c" || got[1].Name != "a" || got[1].SpecialUse != `\Trash` {
		t.Errorf("touched %+v", got)
	}
}

func TestUIDValidityRises(t *testing.T) {
	m := openTest(t)
	now := uint32(time.Now().Unix())
	last := now - 1
	for range 3 { // the same name each time, within one second
		var b Mailbox
		commit(t, m, func(tx *Tx) { b = ok[Mailbox](t)(tx.CreateMailbox("again", "")) })
		if b.UIDValidity <= last {
			t.Errorf("UIDVALIDITY %d after %d", b.UIDValidity, last)
		}
		last = b.UIDValidity
		commit(t, m, func(tx *Tx) { must(t, tx.DeleteMailbox(b.ID)) })
	}
	commit(t, m, func(tx *Tx) {
		for i, v := range []uint32{math.MaxUint32, now + 1000} { // a high one leaves those of mailboxes made here as they are
			b := ok[Mailbox](t)(tx.CreateMailbox(fmt.Sprint("imported ", i), ""))
			if kept := ok[bool](t)(tx.AdoptUIDs(b.ID, Numbering{"there", v, 1})); !kept {
				t.Errorf("UIDVALIDITY %d is not adopted", v)
			}
		}
		if fresh := ok[Mailbox](t)(tx.CreateMailbox("fresh", "")); fresh.UIDValidity != now+1001 {
			t.Errorf("UIDVALIDITY %d, want %d", fresh.UIDValidity, now+1001)
		}
	})
}

func TestRecentOnlyRises(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	touched := commit(t, m, func(tx *Tx) {
		must(t, tx.SetRecent(box, 9))
		must(t, tx.SetRecent(box, 4))
	})
	if len(touched) != 1 || touched[0].Recent != 9 {
		t.Errorf("touched %+v", touched)
	}
	if touched := commit(t, m, func(tx *Tx) { must(t, tx.SetRecent(box, 9)) }); len(touched) != 0 {
		t.Errorf("nothing changed, but touched %+v", touched)
	}
}

func TestDeletedMailboxIsGone(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "box"), newMailbox(t, m, "other")
	rows := fillBox(t, m, box, 10)
	commit(t, m, func(tx *Tx) {
		ok[[]Entry](t)(tx.Copy(other, rows[:4]))
		ok[[]Entry](t)(tx.Copy(box, rows[2:6])) // two messages in three places
	})
	touched := commit(t, m, func(tx *Tx) {
		must(t, tx.DeleteMailbox(box))
		if _, err := tx.Mailbox(box); !errors.Is(err, ErrNotFound) {
			t.Errorf("mailbox after its deletion: %v", err)
		}
		if _, err := tx.Append(box, &NewMessage{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("append after the deletion: %v", err)
		}
	})
	if len(touched) != 0 || len(entries(t, m, box)) != 0 || len(entries(t, m, other)) != 4 {
		t.Errorf("touched %+v, entries left %d and %d", touched, len(entries(t, m, box)), len(entries(t, m, other)))
	}
	again := newMailbox(t, m, "box")
	if again == box {
		t.Error("a mailbox's ID was used again")
	}
	commit(t, m, func(tx *Tx) { ok[int](t)(purge(tx, time.Now().Add(time.Hour), 100)) })
	for _, e := range entries(t, m, other) {
		ok[[]byte](t)(m.AppendBytes(nil, e.Message, 0, 1<<20))
	}
}

// TestRenameAndBack: the table has the name that the last of several renamings gave.
func TestRenameAndBack(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "a")
	fillBox(t, m, box, 1)
	commit(t, m, func(tx *Tx) {
		must(t, tx.RenameMailbox(box, "b"))
		must(t, tx.RenameMailbox(box, "a"))
	})
	boxes, _, err := m.Mailboxes()
	if err != nil || len(boxes) != 1 || boxes[0].Name != "a" || boxes[0].Messages != 1 {
		t.Errorf("%+v, %v", boxes, err)
	}
}

// UIDVALIDITY is new, rises and is a number of 32 bits that is not 0, whatever the clock says.
func TestUIDValidityByAnyClock(t *testing.T) {
	m := openTest(t)
	last := uint32(0)
	for i, now := range []int64{-5, 0, 1_800_000_000, 1, 1 << 31, 1 << 32, 253_402_300_799, 1_900_000_000, math.MaxInt64} {
		tx := begin(t, m)
		tx.now = now
		b := ok[Mailbox](t)(tx.CreateMailbox(strconv.Itoa(i), ""))
		must(t, tx.Commit())
		if b.UIDValidity <= last {
			t.Errorf("by the clock of %d it is %d, after %d", now, b.UIDValidity, last)
		}
		last = b.UIDValidity
	}
}
