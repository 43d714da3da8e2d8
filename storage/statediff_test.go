package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// stateOf copies the state of a mail.db into a file.
func stateOf(t *testing.T, m *Mail) string {
	t.Helper()
	dir := t.TempDir()
	k := ok[*Copier](t)(OpenCopier(m.path))
	defer k.Close()
	must(t, k.StartPack(filepath.Join(dir, "pack"), true))
	path := filepath.Join(dir, "state.db")
	_, _, err := k.CopyState(context.Background(), path, 0)
	must(t, err)
	must(t, k.EndPack())
	return path
}

// A difference makes one state the other, whatever has happened in between.
func TestDiffStates(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := &run{t: t, rng: rand.New(rand.NewPCG(seed, 1)), m: openTest(t), model: newModel()}
	old := stateOf(t, r.m)
	for range 15 {
		commit(t, r.m, func(tx *Tx) {
			r.tx = tx
			for range r.rng.IntN(8) {
				r.step()
			}
		})
		now, diff := stateOf(t, r.m), filepath.Join(t.TempDir(), "diff.db")
		ok[int64](t)(DiffStates(diff, old, now))
		must(t, PatchState(old, diff))
		if n := ok[int64](t)(DiffStates(filepath.Join(t.TempDir(), "rest.db"), old, now)); n != 0 {
			t.Fatalf("%d rows differ", n)
		}
	}
}

// Mailboxes that exchange their names are two changed rows, of which neither can come first.
func TestDiffOfExchangedNames(t *testing.T) {
	m := openTest(t)
	a, b := newMailbox(t, m, "a"), newMailbox(t, m, "b")
	old := stateOf(t, m)
	commit(t, m, func(tx *Tx) {
		must(t, tx.RenameMailbox(a, "c"))
		must(t, tx.RenameMailbox(b, "a"))
		must(t, tx.RenameMailbox(a, "b"))
	})
	now, diff := stateOf(t, m), filepath.Join(t.TempDir(), "diff.db")
	if n := ok[int64](t)(DiffStates(diff, old, now)); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
	must(t, PatchState(old, diff))
	if n := ok[int64](t)(DiffStates(filepath.Join(t.TempDir(), "rest.db"), old, now)); n != 0 {
		t.Errorf("%d rows differ", n)
	}
}

func TestDiffOfOtherTables(t *testing.T) {
	m := openTest(t)
	old := stateOf(t, m)
	must(t, m.write.script("CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT"))
	if _, err := DiffStates(filepath.Join(t.TempDir(), "diff.db"), old, stateOf(t, m)); !errors.Is(err, ErrOtherSchema) {
		t.Error(err)
	}
}

// What Litestream keeps in a mail.db is none of a backup's business.
func TestStateLeavesOthersTablesOut(t *testing.T) {
	m := openTest(t)
	must(t, m.write.script("CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)"))
	path := filepath.Join(t.TempDir(), "mail.db")
	a := ok[*Assembly](t)(Assemble(path, stateOf(t, m)))
	must(t, a.Finish())
	again := ok[*Mail](t)(OpenMail(path))
	defer again.Close()
	if got, want := len(schema(t, again)), len(schema(t, openTest(t))); got != want {
		t.Errorf("%d tables and indexes, want %d", got, want)
	}
}

// A mail.db of the first version comes back, and is brought to the newest schema then.
func TestAssembleFirstSchema(t *testing.T) {
	first := openFirst(t) // upgraded when it was opened
	raw := filepath.Join(t.TempDir(), "old.db")
	unpackFirst(t, raw)
	k := ok[*Copier](t)(OpenCopier(raw))
	defer k.Close()
	dir := t.TempDir()
	pack, state, path := filepath.Join(dir, "pack"), filepath.Join(dir, "state.db"), filepath.Join(dir, "mail.db")
	must(t, k.StartPack(pack, false))
	last, _, err := k.LastMessage()
	must(t, err)
	_, _, err = k.CopyMessages(context.Background(), 0, last, 1<<20)
	must(t, err)
	_, _, err = k.CopyState(context.Background(), state, last)
	must(t, err)
	must(t, k.EndPack())
	a := ok[*Assembly](t)(Assemble(path, state))
	must(t, a.AddPack(context.Background(), pack, func(PackCount) {}))
	must(t, a.Finish())
	m := ok[*Mail](t)(OpenMail(path))
	defer m.Close()
	checkClean(t, m)
	if got, want := contents(t, m), contents(t, first); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// contents is all mailboxes with their messages.
func contents(t *testing.T, m *Mail) (s string) {
	t.Helper()
	boxes, _, err := m.Mailboxes()
	must(t, err)
	for _, b := range boxes {
		s += fmt.Sprintf("%+v\n", b)
		for _, e := range entries(t, m, b.ID) {
			s += fmt.Sprintf("%+v %q\n", e, ok[[]byte](t)(m.AppendBytes(nil, e.Message, 0, 1<<30)))
		}
	}
	return s
}
