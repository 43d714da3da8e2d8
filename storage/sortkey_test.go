package storage

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// readSortKeys collects what is written of the keys of a mailbox, in its order.
func readSortKeys(t testing.TB, m *Mail, box MailboxID) (ids []MessageID, keys []string) {
	t.Helper()
	must(t, m.SortKeys(box, 1, math.MaxUint32, func(id MessageID, k []byte) {
		ids, keys = append(ids, id), append(keys, string(k))
	}))
	return ids, keys
}

// Keys come back whole and in the order of UIDs, whatever bytes they have, wherever the messages lie,
// without those of messages that have none or of other mailboxes.
func TestSortKeys(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "Other")
	rng := rand.New(rand.NewPCG(1, 2))
	want := map[MessageID]string{}
	commit(t, m, func(tx *Tx) {
		for i := range 1000 {
			l := letter(t, rng, 100)
			l.SortKeys = nil
			if i%5 != 0 {
				l.SortKeys = fmt.Appendf(nil, "\x00%d\xff\x00", i)
			}
			in := box
			if i%3 == 0 {
				in = other
			}
			e := ok[Entry](t)(tx.Append(in, l))
			if in == box && l.SortKeys != nil {
				want[e.Message] = string(l.SortKeys)
			}
		}
	})
	for id, k := range want {
		if one := ok[[]byte](t)(m.SortKey(id)); string(one) != k {
			t.Fatalf("message %d alone: %q, want %q", id, one, k)
		}
	}
	must(t, m.Checkpoint())
	ids, keys := readSortKeys(t, m, box)
	if len(ids) != len(want) {
		t.Fatalf("%d keys, want %d", len(ids), len(want))
	}
	for i, id := range ids {
		if keys[i] != want[id] || i > 0 && ids[i-1] >= id {
			t.Fatalf("message %d after %d: %q, want %q", id, ids[max(i-1, 0)], keys[i], want[id])
		}
	}
	if k := ok[[]byte](t)(m.SortKey(1)); k != nil {
		t.Errorf("a message without keys: %q", k)
	}
}

// Keys that were not written yet are when the file is closed; those of a message that never was are not.
func TestFreshSortKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	m := ok[*Mail](t)(OpenMail(path))
	box := newMailbox(t, m, "INBOX")
	l := letter(t, rand.New(rand.NewPCG(1, 2)), 100)
	l.SortKeys = []byte("key")
	commit(t, m, func(tx *Tx) { ok[Entry](t)(tx.Append(box, l)) })
	tx := begin(t, m)
	lost := ok[Entry](t)(tx.Append(box, l))
	tx.Rollback()
	must(t, m.Close())
	m = ok[*Mail](t)(OpenMail(path))
	defer m.Close()
	if ids, keys := readSortKeys(t, m, box); len(ids) != 1 || keys[0] != "key" {
		t.Errorf("got %v %q", ids, keys)
	}
	if k := ok[[]byte](t)(m.SortKey(lost.Message)); k != nil {
		t.Errorf("a message that was rolled back has keys %q", k)
	}
}

// Keys made later are kept, in the place of older ones, but not for a message that was erased.
func TestSetSortKeys(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	l := letter(t, rand.New(rand.NewPCG(1, 2)), 100)
	l.SortKeys = nil
	commit(t, m, func(tx *Tx) {
		for range 3 {
			ok[Entry](t)(tx.Append(box, l))
		}
	})
	commit(t, m, func(tx *Tx) {
		must(t, tx.SetSortKeys(2, []byte("old")))
		must(t, tx.SetSortKeys(2, []byte("new")))
		must(t, tx.SetSortKeys(99, []byte("nobody's")))
	})
	if ids, keys := readSortKeys(t, m, box); len(ids) != 1 || ids[0] != 2 || keys[0] != "new" {
		t.Errorf("got %v %q", ids, keys)
	}
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, entries(t, m, box)[1:2])) })
	commit(t, m, func(tx *Tx) { ok[int](t)(purge(tx, time.Now().Add(time.Hour), 10)) })
	if k := ok[[]byte](t)(m.SortKey(2)); k != nil {
		t.Errorf("an erased message has keys %q", k)
	}
	if p := ok[[]Problem](t)(m.Check(t.Context(), true)); len(p) > 0 {
		t.Errorf("check: %v", p)
	}
}

// Damaged keys are as none, to be made again, and those of other messages are good.
func TestSortKeysDamaged(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 3)
	must(t, m.Checkpoint()) // now they are written
	for _, data := range []string{"\x02", "\x02\x05abc", "\x03\x01a", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		commit(t, m, func(tx *Tx) {
			must(t, tx.SetSortKeys(1, []byte("one")))
			must(t, tx.SetSortKeys(3, []byte("three")))
			must(t, tx.c.exec("INSERT OR REPLACE INTO sortkey (message, data) VALUES (2, ?)", []byte(data)))
		})
		if p := ok[[]Problem](t)(m.Check(t.Context(), true)); len(p) != 1 || p[0].Message != 2 {
			t.Errorf("%q: check finds %v", data, p)
		}
		if k := ok[[]byte](t)(m.SortKey(2)); k != nil {
			t.Errorf("%q: keys %q", data, k)
		}
		if data == "\x03\x01a" {
			continue // in one with the others it looks like another message's
		}
		if ids, keys := readSortKeys(t, m, box); !slices.Equal(ids, []MessageID{1, 3}) || !slices.Equal(keys, []string{"one", "three"}) {
			t.Errorf("%q: %v %q", data, ids, keys)
		}
		tx := begin(t, m)
		must(t, tx.c.exec("UPDATE header SET data = x'0409' WHERE message = 2"))
		list := ok[[]Unthreaded](t)(tx.Unthreaded(10))
		if len(list) != 3 || list[1].SortKeys != nil || list[1].Header != nil || string(list[2].SortKeys) != "three" {
			t.Errorf("%q: unthreaded %+v", data, list)
		}
		tx.Rollback()
	}
	commit(t, m, func(tx *Tx) { must(t, tx.SetSortKeys(2, []byte("good"))) })
}

func BenchmarkSortKeys20k(b *testing.B) {
	m := openTest(b)
	box := newMailbox(b, m, "INBOX")
	l := letter(b, rand.New(rand.NewPCG(1, 2)), 600)
	l.SortKeys = bytes.Repeat([]byte("k"), 150)
	commit(b, m, func(tx *Tx) {
		for range 20_000 {
			ok[Entry](b)(tx.Append(box, l))
		}
	})
	must(b, m.Checkpoint())
	measure(b, func() {
		n := 0
		for uid := UID(1); uid < 20_000; uid += 1000 {
			must(b, m.SortKeys(box, uid, uid+999, func(MessageID, []byte) { n++ }))
		}
		if n != 20_000 {
			b.Fatal(n)
		}
	})
}
