package storage

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func uidsOf(list []Entry) (uids []UID) {
	for _, e := range list {
		uids = append(uids, e.UID)
	}
	return uids
}

// Messages that bring their UIDs keep them as long as they rise; all others get some that the source has not given out.
func TestAdoptUIDs(t *testing.T) {
	m := openTest(t)
	box, other := newMailbox(t, m, "INBOX"), newMailbox(t, m, "other")
	fillBox(t, m, other, 2)
	rng, from := rand.New(rand.NewPCG(1, 1)), Numbering{"there", 77, 50}
	bring := func(uids ...UID) {
		commit(t, m, func(tx *Tx) {
			for _, uid := range uids {
				n := letter(t, rng, 100)
				n.UID = uid
				ok[Entry](t)(tx.Append(box, n))
			}
		})
	}
	adopt := func(from Numbering, want bool) {
		t.Helper()
		b := commit(t, m, func(tx *Tx) {
			if kept := ok[bool](t)(tx.AdoptUIDs(box, from)); kept != want {
				t.Errorf("UIDs of %v kept: %v", from, kept)
			}
			if has := ok[bool](t)(tx.HasAdopted(box, from)); want && !has {
				t.Errorf("%v not adopted", from)
			}
		})
		if want && b[0].UIDValidity != from.UIDValidity {
			t.Errorf("UIDVALIDITY %d", b[0].UIDValidity)
		}
	}
	adopt(Numbering{"high", 7, math.MaxUint32}, false)
	adopt(Numbering{"elsewhere", 76, 1 << 20}, true)
	adopt(from, true) // no UID is known yet
	bring(3, 8)
	adopt(Numbering{"elsewhere", 77, 60}, false)
	adopt(from, true) // after an interruption
	bring(9)
	commit(t, m, func(tx *Tx) { ok[[]Entry](t)(tx.Copy(box, entries(t, m, other))) })
	bring(10, 0, 200_000)
	from.UIDNext = 150
	adopt(from, false)
	bring(11)
	want := []UID{3, 8, 9, 100_050, 100_051, 100_052, 100_053, 100_054, 100_151}
	if got := uidsOf(entries(t, m, box)); !slices.Equal(got, want) {
		t.Errorf("UIDs %v, want %v", got, want)
	}
}

// When all has come UIDNEXT is the source's, and what comes there later keeps its UID as long as nothing else has come here.
func TestAdoptUIDNext(t *testing.T) {
	m := openTest(t)
	box, from := newMailbox(t, m, "INBOX"), Numbering{"there", 77, 50}
	next := func(from Numbering) (next UID) {
		commit(t, m, func(tx *Tx) {
			must(t, tx.AdoptUIDNext(box, from))
			next = ok[Mailbox](t)(tx.Mailbox(box)).UIDNext
		})
		return next
	}
	adopt := func() (kept bool) {
		commit(t, m, func(tx *Tx) { kept = ok[bool](t)(tx.AdoptUIDs(box, from)) })
		return kept
	}
	adopt()
	if n := next(Numbering{"elsewhere", 77, 60}); n != 1 {
		t.Errorf("UIDNEXT %d, of another place", n)
	}
	if n := next(from); n != 50 {
		t.Errorf("UIDNEXT %d, want that of there", n)
	}
	if from.UIDNext = 55; !adopt() {
		t.Error("the next import does not keep UIDs, though nothing else has come")
	}
	fillBox(t, m, box, 1)
	for range 2 {
		if from.UIDNext += 100; adopt() {
			t.Error("UIDs are kept after something else has come")
		}
	}
	if n := next(from); n <= 100_255 {
		t.Errorf("UIDNEXT %d, where UIDs of there are kept free up to 100255", n)
	}
}

// A name never has the same foreign UIDVALIDITY for other messages: not when its mailbox is deleted, nor when two change
// their names.
func TestSpentUIDValidity(t *testing.T) {
	m := openTest(t)
	made := func(name string, from Numbering) (id MailboxID, kept bool) {
		id = newMailbox(t, m, name)
		commit(t, m, func(tx *Tx) { kept = ok[bool](t)(tx.AdoptUIDs(id, from)) })
		fillBox(t, m, id, 1)
		return id, kept
	}
	a, _ := made("a", Numbering{"a", 77, 50})
	b, _ := made("b", Numbering{"b", 77, 50})
	c, _ := made("c", Numbering{"c", 78, 50})
	commit(t, m, func(tx *Tx) {
		must(t, tx.RenameMailbox(a, "old"))
		must(t, tx.RenameMailbox(b, "a"))
		must(t, tx.DeleteMailbox(c))
		if b := ok[Mailbox](t)(tx.Mailbox(a)); b.UIDValidity != 77 {
			t.Errorf("the first to be renamed: %+v", b)
		}
		if b := ok[Mailbox](t)(tx.Mailbox(b)); b.UIDValidity <= 77 {
			t.Errorf("renamed to where 77 was: %+v", b)
		}
	})
	for _, from := range []Numbering{{"b", 77, 50}, {"c", 78, 50}} {
		if _, kept := made(from.Source, from); kept {
			t.Errorf("%v adopted again", from)
		}
	}
}

// A mailbox that alone has a foreign UIDVALIDITY keeps it under every name; one whose names may have had it for other
// messages does not.
func TestRenamedAgain(t *testing.T) {
	m := openTest(t)
	adopted := func(name string) (id MailboxID) {
		id = newMailbox(t, m, name)
		commit(t, m, func(tx *Tx) {
			if !ok[bool](t)(tx.AdoptUIDs(id, Numbering{name, 77, 50})) {
				t.Fatalf("%q has not adopted its UIDs", name)
			}
		})
		fillBox(t, m, id, 1)
		return id
	}
	a, b := adopted("a"), adopted("b")
	keeps := func(id MailboxID, want bool, names ...string) {
		t.Helper()
		commit(t, m, func(tx *Tx) {
			for _, name := range names {
				must(t, tx.RenameMailbox(id, name))
			}
			if b := ok[Mailbox](t)(tx.Mailbox(id)); (b.UIDValidity == 77) != want {
				t.Errorf("%v: %+v", names, b)
			}
		})
	}
	keeps(a, true, "c", "d", "a", "e")
	commit(t, m, func(tx *Tx) { must(t, tx.DeleteMailbox(b)) })
	keeps(a, false, "b")
}
