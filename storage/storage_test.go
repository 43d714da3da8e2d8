package storage

import (
	"bytes"
	"context"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// openTest opens a new mail.db that is checked when the test ends; a benchmark's is not.
func openTest(t testing.TB) *Mail {
	t.Helper()
	m, err := OpenMail(filepath.Join(t.TempDir(), "mail.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, ok := t.(*testing.B); !ok {
			checkClean(t, m)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func checkClean(t testing.TB, m *Mail) {
	t.Helper()
	found, err := m.Check(context.Background(), true)
	if err != nil {
		t.Error(err)
	}
	for _, p := range found {
		t.Errorf("check: %v", p)
	}
}

// commit runs f in a transaction.
func commit(t testing.TB, m *Mail, f func(tx *Tx)) []Mailbox {
	t.Helper()
	tx := begin(t, m)
	defer tx.Rollback()
	f(tx)
	must(t, tx.Commit())
	return tx.Touched()
}

func begin(t testing.TB, m *Mail) *Tx {
	t.Helper()
	tx, err := m.Begin()
	must(t, err)
	return tx
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ok passes a result on and ends the test when it came with an error.
func ok[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func newMailbox(t testing.TB, m *Mail, name string) MailboxID {
	t.Helper()
	var b Mailbox
	commit(t, m, func(tx *Tx) { b = ok[Mailbox](t)(tx.CreateMailbox(name, "")) })
	return b.ID
}

// text makes n bytes that look a little like mail.
func text(rng *rand.Rand, n int) []byte {
	words := strings.Fields("the of satchel letter and to monday invoice regards you please attached meeting 2024 noon")
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(words[rng.IntN(len(words))])
		b.WriteByte(" \n,x"[rng.IntN(4)])
		b.WriteByte(byte('a' + rng.IntN(26)))
	}
	return b.Bytes()[:n]
}

// noise is bytes that nothing makes shorter.
func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// letter makes a message with plausible columns.
func letter(t testing.TB, rng *rand.Rand, size int) *NewMessage {
	t.Helper()
	header := append([]byte("Subject: "), text(rng, min(size/4, 1200))...)
	header = append(header, "\r\n\r\n"...)
	n := ok[*NewMessage](t)(NewBody(header, text(rng, max(size-len(header), 0))))
	n.Envelope, n.Structure, n.Parts, n.HeadText = text(rng, 500), text(rng, 300), text(rng, 30), text(rng, 150)
	n.SortKeys = text(rng, 140)
	n.Date, n.Sent, n.HasSent = 1_700_000_000, 1_699_999_000, true
	return n
}

func entries(t testing.TB, m *Mail, id MailboxID) []Entry {
	t.Helper()
	var list []Entry
	must(t, m.Entries(id, func(e *Entry) error { list = append(list, *e); return nil }))
	return list
}

// purge erases up to limit messages that were expunged before a time, as the transaction sees them.
func purge(tx *Tx, before time.Time, limit int) (int, error) {
	var ids []MessageID
	err := tx.c.query("SELECT message FROM orphan WHERE since < ? ORDER BY message LIMIT ?", func(r row) error {
		ids = append(ids, MessageID(r.int(0)))
		return nil
	}, before.Unix(), int64(limit))
	if err != nil {
		return 0, err
	}
	return tx.Erase(ids)
}
