package storage

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// expunged lists what the file remembers of a mailbox's expunges.
func expunged(t testing.TB, m *Mail, id MailboxID) (list []Range) {
	t.Helper()
	must(t, m.read(func(c *conn) error {
		return c.query("SELECT first, last FROM expunged WHERE mailbox = ? ORDER BY modseq, first", func(r row) error {
			list = append(list, Range{UID(r.int(0)), UID(r.int(1))})
			return nil
		}, int64(id))
	}))
	return list
}

func TestExpungeRemembersRuns(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 20)
	part := slices.Concat(rows[17:19], rows[1:4], rows[9:10]) // in no order
	touched := commit(t, m, func(tx *Tx) {
		if got := ok[ModSeq](t)(tx.Expunge(box, part)); got != 22 {
			t.Errorf("expunged at %d, want 22", got)
		}
	})
	if b := touched[0]; b.Messages != 14 || b.UIDNext != 21 || b.ModSeq != 22 || b.Size != 14*600 || b.Unseen != 14 {
		t.Errorf("counters %+v", b)
	}
	want := []Range{{2, 4}, {10, 10}, {18, 19}}
	if got := expunged(t, m, box); !slices.Equal(got, want) {
		t.Errorf("remembers %v, want %v", got, want)
	}
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, rows[0:1])) })
	if got := expunged(t, m, box); !slices.Equal(got, append(want, Range{1, 1})) {
		t.Errorf("remembers %v", got)
	}
}

func TestUIDsAreNotReused(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 5)
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, rows)) })
	path := m.path
	must(t, m.Close())
	again := ok[*Mail](t)(OpenMail(path))
	*m = Mail{path: path, write: again.write, boxes: again.boxes, readers: newReaders(path, mailOptions), next: again.next} // for the check at the end
	rows = fillBox(t, m, box, 1)
	if rows[0].UID != 6 || rows[0].Message != 6 {
		t.Errorf("after expunging 5: UID %d, message %d", rows[0].UID, rows[0].Message)
	}
}

func TestExpungedMessageStaysUntilErased(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	rows := fillBox(t, m, box, 4)
	commit(t, m, func(tx *Tx) {
		ok[[]Entry](t)(tx.Copy(other, rows[3:]))
		ok[ModSeq](t)(tx.Expunge(box, rows))
	})
	erase := func(before time.Time, limit, want int) {
		t.Helper()
		commit(t, m, func(tx *Tx) {
			if n := ok[int](t)(purge(tx, before, limit)); n != want {
				t.Errorf("purged %d, want %d", n, want)
			}
		})
	}
	erase(time.Now().Add(-time.Hour), 100, 0)
	for _, e := range rows {
		ok[[]byte](t)(m.AppendBytes(nil, e.Message, 0, 600))
	}
	soon := time.Now().Add(time.Hour)
	erase(soon, 2, 2)
	erase(soon, 2, 1)
	for i, e := range rows {
		_, err := m.AppendBytes(nil, e.Message, 0, 600)
		if gone := errors.Is(err, ErrNotFound); gone != (i < 3) {
			t.Errorf("message %d: %v", e.Message, err)
		}
	}
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(other, entries(t, m, other))) })
	erase(soon, 100, 1) // the highest one
	if e := fillBox(t, m, box, 1)[0]; e.Message != 5 {
		t.Errorf("the next message is %d", e.Message)
	}
}

// A row that the caller should no longer have must not cost the message its bytes.
func TestCopyOfAnExpungedMessageKeepsIt(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	rows := fillBox(t, m, box, 5)
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, rows[:2])) })
	commit(t, m, func(tx *Tx) { ok[[]Entry](t)(tx.Copy(other, slices.Concat(rows, rows[:1]))) })
	commit(t, m, func(tx *Tx) { ok[int](t)(purge(tx, time.Now().Add(time.Hour), 100)) })
	if n := len(entries(t, m, other)); n != 6 {
		t.Errorf("%d entries", n)
	}
}

func TestExpungeOfWhatIsGone(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 5)
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, rows[2:3])) })
	tx := begin(t, m)
	defer tx.Rollback()
	if _, err := tx.Expunge(box, rows); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
