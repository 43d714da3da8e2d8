package storage

import (
	"testing"
	"time"
)

// count is the number of rows of a table.
func count(t *testing.T, m *Mail, table string) int64 {
	t.Helper()
	return ok[int64](t)(m.write.queryInt("SELECT count(*) FROM " + table))
}

// What makes threads goes with the last message of each, and not before.
func TestPurgeErasesThreads(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 4)
	commit(t, m, func(tx *Tx) {
		must(t, tx.SetThread(1, []int64{10, 11}))
		must(t, tx.SetThread(2, []int64{11, 12}))
		must(t, tx.SetThread(3, []int64{20}))
		must(t, tx.SetThread(4, []int64{10}))
	})
	erase := func(e Entry, names int64) {
		t.Helper()
		commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, []Entry{e})) })
		commit(t, m, func(tx *Tx) { ok[int](t)(purge(tx, time.Now().Add(time.Hour), 10)) })
		checkClean(t, m)
		if n := count(t, m, "threadname"); n != names {
			t.Errorf("without message %d there are %d names, want %d", e.Message, n, names)
		}
	}
	erase(rows[2], 3)
	erase(rows[0], 3)
	erase(rows[1], 3)
	erase(rows[3], 0)
	if n := count(t, m, "thread"); n != 0 {
		t.Errorf("%d rows of erased messages", n)
	}
}

// A deleted mailbox leaves nothing behind once what was in it is erased.
func TestDeleteErasesAll(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "gone"), newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 70) // so that sort keys have been written
	commit(t, m, func(tx *Tx) {
		must(t, tx.Annotate(box, "/private/comment", []byte("x")))
		for i := range rows {
			must(t, tx.SetThread(rows[i].Message, []int64{int64(i / 2)}))
			must(t, tx.SetSortKeys(rows[i].Message, []byte("keys")))
		}
	})
	fillBox(t, m, other, 1)
	commit(t, m, func(tx *Tx) { must(t, tx.DeleteMailbox(box)) })
	commit(t, m, func(tx *Tx) { ok[int](t)(purge(tx, time.Now().Add(time.Hour), 100)) })
	for _, table := range []string{"metadata", "thread", "threadname", "sortkey", "expunged", "orphan", "keyword", "imported"} {
		if n := count(t, m, table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
}
