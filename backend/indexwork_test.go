package backend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"satchel/backend/message"
	"satchel/storage"
)

// unindexed opens an account that indexes only when it is told to.
func unindexed(t testing.TB) *Account {
	t.Helper()
	b, a := testAccountWith(t, Config{Data: t.TempDir(), NoIndex: true})
	b.cfg.NoIndex = false
	return a
}

// TestIndexDamagedHeadText: a field that does not exist is damage, of one message.
func TestIndexDamagedHeadText(t *testing.T) {
	a := unindexed(t)
	header := "Subject: red\r\n\r\n"
	m, err := storage.NewBody([]byte(header), []byte("blue\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	parsed := message.Parse([]byte(header + "blue\r\n"))
	m.Parts, m.HeadText = parsed.Root.AppendBinary(nil), []byte{200, 3, 'R', 'E', 'D'}
	if err := a.write(&change{run: func(tx *storage.Tx) error {
		_, err := tx.Append(a.byName["INBOX"].id, m)
		return err
	}}); err != nil {
		t.Fatal(err)
	}
	indexAll(t, a)
}

// TestIndexOpaque: a message with more words than the index takes is read by searches,
// also when its segment has been merged with others.
func TestIndexOpaque(t *testing.T) {
	a := unindexed(t)
	words := []byte("Subject: list\r\n\r\n")
	for i := range 600_000 {
		words = fmt.Appendf(words, "word%x\r\n", i)
	}
	add := func(text string) {
		if _, _, err := a.Append("INBOX", incoming(t, a, text)); err != nil {
			t.Fatal(err)
		}
		indexAll(t, a)
	}
	fill(t, a, "INBOX", 17)
	add(string(words))
	check := func() {
		t.Helper()
		v := open(t, a, "INBOX", false)
		for text, want := range map[string][]uint32{"rd927bf": {18}, "body": nil, "27be\r\nword": {18}, "word927c0": nil} {
			got := slices.DeleteFunc(lookFor(t, v, body(text)), func(n uint32) bool { return n != 18 })
			if !slices.Equal(got, want) {
				t.Errorf("%q: found in %v, want %v", text, got, want)
			}
		}
	}
	check()
	for range 8 {
		a.answers.list = nil
		add("Subject: x\r\n\r\nx\r\n")
		check()
	}
	if x, err := a.searchIndex(); err != nil || x.Segments() > 2 {
		t.Errorf("nothing was merged: %v", err)
	}
}

// TestIndexRetry: an account that could not be indexed is looked at again, after a
// while, though no mail arrives.
func TestIndexRetry(t *testing.T) {
	a := unindexed(t)
	b := a.backend
	fill(t, a, "INBOX", 3)
	b.indexer.take()
	inTheWay := filepath.Join(b.cfg.Data, "accounts", a.id, "search.db")
	if err := os.Mkdir(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for range 2 {
		b.indexAccount(a)
		for _, then := range []time.Time{now, now.Add(indexRetry / 2)} {
			b.tidyAt(then)
		}
		if due := b.indexer.take(); !slices.Equal(due, []*Account{a}) {
			t.Error("the account is not looked at again, or too often")
		}
		now = now.Add(2 * indexRetry)
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	if b.indexAccount(a) {
		t.Error("there is more to do")
	}
	if b.tidyAt(now); len(b.indexer.take()) > 0 {
		t.Error("the account is looked at again")
	}
	if x, err := a.searchIndex(); err != nil {
		t.Error(err)
	} else if x.Covered() != 3 {
		t.Errorf("%d messages are covered", x.Covered())
	}
}
