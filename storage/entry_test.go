package storage

import (
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
)

func TestAppendGivesUIDs(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rng := rand.New(rand.NewPCG(1, 1))
	append1 := func(tx *Tx, uid UID) (Entry, error) {
		n := letter(t, rng, 700)
		n.UID, n.Flags, n.Keywords = uid, FlagSeen|FlagDeleted, "$Junk later"
		return tx.Append(box, n)
	}
	touched := commit(t, m, func(tx *Tx) {
		for _, c := range []struct{ ask, want UID }{{0, 1}, {7, 2}, {0, 3}, {0, math.MaxUint32 - 2}, {0, math.MaxUint32 - 1}} {
			if c.want == math.MaxUint32-2 {
				b := ok[Mailbox](t)(tx.Mailbox(box))
				b.UIDNext = c.want
				tx.touch(&b)
			}
			if e := ok[Entry](t)(append1(tx, c.ask)); e.UID != c.want {
				t.Errorf("asked for %d: UID %d, want %d", c.ask, e.UID, c.want)
			}
		}
		if _, err := append1(tx, 0); !errors.Is(err, ErrFull) {
			t.Errorf("append after the last UID: %v", err)
		}
	})
	b := touched[0]
	if b.Messages != 5 || b.Unseen != 0 || b.Deleted != 5 || b.Size != 5*700 || b.ModSeq != 6 {
		t.Errorf("counters %+v", b)
	}
	if !slices.Equal(b.Keywords, []string{"$Junk", "later"}) {
		t.Errorf("keywords %q", b.Keywords)
	}
	list := entries(t, m, box)
	if len(list) != 5 || list[4].Keywords != "$Junk later" || list[4].ModSeq != 6 || list[0].Date != 1_700_000_000 {
		t.Errorf("entries %+v", list)
	}
}

// A row that is where a new one should be is damage. It must not look like a message that has been imported already,
// which callers take for stored.
func TestAppendOverRowsThatAreThere(t *testing.T) {
	for name, damage := range map[string]string{
		"entry":  "UPDATE mailbox SET uidnext = 1",
		"header": "INSERT INTO header (message, data) VALUES (4, x'00')",
		"body":   "INSERT INTO body (id, data) VALUES (4 << 18, x'00')",
	} {
		path := filepath.Join(t.TempDir(), "mail.db")
		m := ok[*Mail](t)(OpenMail(path))
		box := newMailbox(t, m, "INBOX")
		fillBox(t, m, box, 3)
		must(t, m.write.script(damage))
		must(t, m.Close())
		m = ok[*Mail](t)(OpenMail(path))
		tx := begin(t, m)
		_, err := tx.Append(box, letter(t, rand.New(rand.NewPCG(1, 1)), 700))
		if errors.Is(err, ErrExists) || !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", name, err)
		}
		tx.Rollback()
		must(t, m.Close())
	}
}

func TestImportKeys(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	n := letter(t, rand.New(rand.NewPCG(1, 1)), 500)
	n.ImportKey = []byte("a key\x00 with\xff bytes")
	commit(t, m, func(tx *Tx) {
		ok[Entry](t)(tx.Append(other, n))
		first := ok[Entry](t)(tx.Append(box, n))
		again, err := tx.Append(box, n)
		if !errors.Is(err, ErrExists) || again.UID != first.UID {
			t.Errorf("import again: UID %d, %v, want %d", again.UID, err, first.UID)
		}
		if b := ok[Mailbox](t)(tx.Mailbox(box)); b.Messages != 1 || b.UIDNext != 2 {
			t.Errorf("after a refused import: %+v", b)
		}
	})
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, entries(t, m, box))) })
	commit(t, m, func(tx *Tx) {
		if _, err := tx.Append(box, n); !errors.Is(err, ErrExists) {
			t.Errorf("import of an expunged message: %v", err)
		}
	})
}

func TestCopyKeepsWhatRowsSay(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	rows := fillBox(t, m, box, 100)
	rows[3].Flags, rows[4].Keywords, rows[5].Date = FlagFlagged|FlagSeen, "k1 k2", 5
	slices.Reverse(rows)
	var added []Entry
	touched := commit(t, m, func(tx *Tx) { added = ok[[]Entry](t)(tx.Copy(other, rows)) })
	if len(touched) != 1 || touched[0].Unseen != 99 || touched[0].ModSeq != 2 || len(touched[0].Keywords) != 2 {
		t.Errorf("touched %+v", touched)
	}
	got := entries(t, m, other)
	if !slices.Equal(got, added) {
		t.Error("Copy answered something else than it stored")
	}
	for i, e := range got {
		want := rows[i]
		want.UID, want.ModSeq, want.Saved = UID(i+1), 2, e.Saved
		if e != want {
			t.Errorf("entry %d: %+v, want %+v", i, e, want)
		}
	}
}

func TestMove(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	rows := fillBox(t, m, box, 60)
	part := slices.Concat(rows[10:20], rows[30:31], rows[40:45])
	commit(t, m, func(tx *Tx) {
		added, removed, err := tx.Move(box, other, part)
		must(t, err)
		if len(added) != len(part) || added[0].UID != 1 || removed != 62 {
			t.Errorf("moved %d, first UID %d, removed at %d", len(added), added[0].UID, removed)
		}
	})
	if a, b := len(entries(t, m, box)), len(entries(t, m, other)); a != 44 || b != 16 {
		t.Errorf("%d and %d entries", a, b)
	}
	tx := begin(t, m)
	defer tx.Rollback()
	if _, _, err := tx.Move(box, other, part[:1]); !errors.Is(err, ErrNotFound) {
		t.Errorf("move what is gone: %v", err)
	}
}

func TestSetFlags(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 50)
	words, none := "$a b", ""
	var modseq ModSeq
	commit(t, m, func(tx *Tx) {
		modseq = ok[ModSeq](t)(tx.SetFlags(box, []FlagChange{
			{UIDs: []Range{{1, 10}, {20, 20}}, Set: FlagSeen | FlagDeleted, Unseen: -11, Deleted: 11},
			{UIDs: []Range{{5, 6}}, Clear: FlagSeen, Keywords: &words, Unseen: 2},
			{UIDs: []Range{{6, 6}}, Keywords: &none},
			{UIDs: []Range{{1000, 2000}}, Set: FlagSeen},
		}))
	})
	list := entries(t, m, box)
	for i, want := range map[int]Entry{
		0: {Flags: FlagSeen | FlagDeleted, ModSeq: modseq}, 4: {Flags: FlagDeleted, Keywords: "$a b", ModSeq: modseq},
		5: {Flags: FlagDeleted, ModSeq: modseq}, 10: {ModSeq: 12}, 19: {Flags: FlagSeen | FlagDeleted, ModSeq: modseq},
	} {
		if e := list[i]; e.Flags != want.Flags || e.Keywords != want.Keywords || e.ModSeq != want.ModSeq {
			t.Errorf("UID %d: %+v, want %+v", i+1, e, want)
		}
	}
}

func TestEntriesStopsAtAnError(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 3)
	enough := errors.New("enough")
	n := 0
	err := m.Entries(box, func(*Entry) error { n++; return enough })
	if err != enough || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}
