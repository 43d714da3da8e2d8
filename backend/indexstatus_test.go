package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"satchel/backend/passwords"
	"satchel/storage/terms"
)

// store delivers a message to alice.
func store(t *testing.T, b *Backend, text string) {
	t.Helper()
	d, err := b.NewDelivery("carol@example.net", "", spoolOf(t, b, text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if _, err := d.To("alice"); err != nil {
		t.Fatal(err)
	}
}

func rebuild(t *testing.T, b *Backend) (last IndexStatus) {
	t.Helper()
	err := b.RebuildIndex(t.Context(), "alice", func(s IndexStatus) error { last = s; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return last
}

// TestRebuildIndexCancelled: an index that nobody waits for any more is as it was.
func TestRebuildIndexCancelled(t *testing.T) {
	b := testBackend(t, "alice")
	store(t, b, "Subject: one\r\n\r\n")
	rebuild(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.RebuildIndex(ctx, "alice", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if s, err := b.IndexStatus("alice"); err != nil || s.Indexed != 1 || s.Messages != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestIndexOff: where no index is kept, none is made.
func TestIndexOff(t *testing.T) {
	b, err := Open(Config{Data: t.TempDir(), NoIndex: true, Login: LoginConfig{Iterations: passwords.MinIterations}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.AddAccount("alice", "secret"); err != nil {
		t.Fatal(err)
	}
	store(t, b, "Subject: one\r\n\r\n")
	if _, err := b.IndexStatus("alice"); !errors.Is(err, ErrNoIndex) {
		t.Errorf("status: %v", err)
	}
	if err := b.RebuildIndex(t.Context(), "alice", nil); !errors.Is(err, ErrNoIndex) {
		t.Errorf("rebuild: %v", err)
	}
	if err := b.Check(t.Context(), nil, true, func(p Problem) error { t.Errorf("%+v", p); return nil }); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(b.cfg.Data, "accounts", accountOf(t, b, "alice").id, "search.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("search.db: %v", err)
	}
}

// reopened does something to a data folder while nobody has it.
func reopened(t *testing.T, b *Backend, between func() error) *Backend {
	t.Helper()
	err := errors.Join(b.Close(), between())
	if err == nil {
		b, err = Open(b.cfg)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// TestIndexOfRestoredMail: an index does not stand for what an older mail.db received after it was put back, even when it
// has as many messages again before anybody looks.
func TestIndexOfRestoredMail(t *testing.T) {
	b := testBackend(t, "alice")
	file := filepath.Join(b.cfg.Data, "accounts", accountOf(t, b, "alice").id, "mail.db")
	store(t, b, "Subject: one\r\n\r\n")
	var older []byte
	b = reopened(t, b, func() (err error) {
		older, err = os.ReadFile(file)
		return err
	})
	for range 2 {
		store(t, b, "Subject: forgotten\r\n\r\n")
	}
	if s := rebuild(t, b); s.Indexed != 3 {
		t.Fatalf("%+v", s)
	}
	b = reopened(t, b, func() error { return os.WriteFile(file, older, 0o600) })
	for range 3 {
		store(t, b, "Subject: fresh\r\n\r\n")
	}
	m, err := accountOf(t, b, "alice").findText([]byte("FRESH"), []terms.Field{terms.Headers}, 0, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for id := int64(2); id <= int64(m.Covered); id++ {
		if !m.Sure.Has(id) {
			t.Errorf("message %d is said to be without its text", id)
		}
	}
}

// TestIndexOfDamagedMail: an index is not made again and again because it is mail that is damaged.
func TestIndexOfDamagedMail(t *testing.T) {
	b := testBackend(t, "alice")
	for i := range 200 {
		store(t, b, fmt.Sprintf("Subject: number %d\r\n\r\n%s\r\n", i, strings.Repeat("x", 2000)))
	}
	file := filepath.Join(b.cfg.Data, "accounts", accountOf(t, b, "alice").id, "mail.db")
	b = reopened(t, b, func() error {
		mail, err := os.ReadFile(file)
		for page := range slices.Chunk(mail, 8192) {
			if bytes.Contains(page, []byte("number 77")) {
				copy(page, bytes.Repeat([]byte{0xff}, len(page)))
			}
		}
		return errors.Join(err, os.WriteFile(file, mail, 0o600))
	})
	err := b.RebuildIndex(t.Context(), "alice", func(s IndexStatus) error { return fmt.Errorf("got to %+v", s) })
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}
