package storage

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestRollbackToRestoresCounters(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	rows := fillBox(t, m, box, 3)
	tx := begin(t, m)
	defer tx.Rollback()
	ok[ModSeq](t)(tx.Expunge(box, rows[:1]))
	before := ok[Mailbox](t)(tx.Mailbox(box))
	must(t, tx.Savepoint())
	must(t, tx.Savepoint())
	ok[[]Entry](t)(tx.Copy(other, rows[1:]))
	ok[ModSeq](t)(tx.Expunge(box, rows[1:]))
	must(t, tx.AddKeywords(box, []string{"new"}))
	must(t, tx.Release())
	created := ok[Mailbox](t)(tx.CreateMailbox("third", ""))
	must(t, tx.DeleteMailbox(other))
	must(t, tx.RollbackTo())
	if got := ok[Mailbox](t)(tx.Mailbox(box)); !same(got, before) {
		t.Errorf("got %+v, want %+v", got, before)
	}
	if _, err := tx.Mailbox(created.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("mailbox made after the savepoint: %v", err)
	}
	must(t, tx.Commit())
	if got := tx.Touched(); len(got) != 1 || !same(got[0], before) {
		t.Errorf("touched %+v", got)
	}
	if n := len(entries(t, m, box)); n != 2 {
		t.Errorf("%d entries", n)
	}
}

func TestRollbackLeavesNothing(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 2)
	tx := begin(t, m)
	ok[Entry](t)(tx.Append(box, letter(t, rand.New(rand.NewPCG(1, 1)), 20000)))
	tx.Rollback()
	tx.Rollback()
	if err := tx.Commit(); err == nil {
		t.Error("commit after rollback succeeded")
	}
	if n := len(entries(t, m, box)); n != 2 || len(tx.Touched()) != 0 {
		t.Errorf("%d entries, touched %v", n, tx.Touched())
	}
	fillBox(t, m, box, 1)
}

func TestOneTransactionAtATime(t *testing.T) {
	m := openTest(t)
	tx := begin(t, m)
	if _, err := m.Begin(); !errors.Is(err, ErrBusy) {
		t.Errorf("second transaction: %v", err)
	}
	must(t, m.Checkpoint()) // nothing, meanwhile
	if _, _, err := m.Mailboxes(); err != nil {
		t.Error(err)
	}
	must(t, tx.Commit())
	must(t, m.Checkpoint())
	begin(t, m).Rollback()
}

// A full file must fail the transaction as a whole and leave the mailbox as it was.
func TestFull(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 10)
	pages := ok[int64](t)(m.write.queryInt("PRAGMA page_count"))
	ok[int64](t)(m.write.queryInt("PRAGMA max_page_count = " + strconv.FormatInt(pages+20, 10)))
	rng := rand.New(rand.NewPCG(1, 1))
	tx := begin(t, m)
	defer tx.Rollback()
	var err error
	for i := 0; i < 1000 && err == nil; i++ {
		must(t, tx.Savepoint())
		if _, err = tx.Append(box, letter(t, rng, 30000)); err != nil {
			if e := tx.RollbackTo(); e != nil {
				t.Log("the savepoint is lost with the transaction:", e)
			}
			break
		}
		must(t, tx.Release())
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	tx.Rollback()
	if n := len(entries(t, m, box)); n != 10 {
		t.Errorf("%d entries", n)
	}
	ok[int64](t)(m.write.queryInt("PRAGMA max_page_count = 1000000"))
	fillBox(t, m, box, 100)
}

// After SQLite has ended a transaction by itself, nothing may be committed piece by piece.
func TestLostTransaction(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	tx := begin(t, m)
	must(t, tx.Savepoint())
	must(t, m.write.exec("ROLLBACK"))
	for name, err := range map[string]error{
		"RollbackTo": tx.RollbackTo(), "Savepoint": tx.Savepoint(), "SetRecent": tx.SetRecent(box, 5),
		"SetSubscribed": tx.SetSubscribed("x", true), "Commit": tx.Commit(),
	} {
		if err == nil {
			t.Errorf("%s succeeded", name)
		}
	}
	if touched := commit(t, m, func(tx *Tx) { must(t, tx.SetRecent(box, 6)) }); touched[0].Recent != 6 {
		t.Errorf("touched %+v", touched)
	}
}
