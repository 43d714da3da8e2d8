package backend

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTidy closes what has been unused for long, keeps what is in use, and erases
// messages that were expunged long ago.
func TestTidy(t *testing.T) {
	b, a := testAccount(t)
	fill(t, a, "INBOX", 3)
	v, err := a.Open("INBOX", false, func() {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Store(v.All(), StoreRequest{Op: StoreAdd, Flags: FlagDeleted}); err != nil {
		t.Fatal(err)
	}
	if err := v.Expunge(nil); err != nil {
		t.Fatal(err)
	}
	row := v.Rows(v.All(), 0, 1, nil)[0]
	later := time.Now().Add(15 * 24 * time.Hour)

	b.tidyAt(later) // the view still counts the expunged messages
	if _, err := v.AppendBytes(nil, &row, 0, 4); err != nil {
		t.Errorf("a message that a view counts: %v", err)
	}
	v.Pull(true)
	b.tidyAt(later)
	if _, err := v.AppendBytes(nil, &row, 0, 4); err == nil {
		t.Error("the expunged message is still there")
	}
	b.tidyAt(later) // nothing was written since the last time
	wal := filepath.Join(b.cfg.Data, "accounts", a.id, "mail.db-wal")
	if info, err := os.Stat(wal); err != nil || info.Size() != 0 {
		t.Errorf("the write-ahead log of a quiet account: %v, %v", info, err)
	}

	v.Close()
	b.tidyAt(later)
	if v.mailbox.idx != nil {
		t.Error("an index that nobody has used for two weeks is in memory")
	}
	a.Release()
	b.tidyAt(later)
	if b.inUse(a.id) {
		t.Error("an account that nobody has used for two weeks is open")
	}
	again, err := b.Account(a.id, a.name)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Release()
	if again == a {
		t.Error("the closed account came back")
	}
}

func (b *Backend) inUse(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accounts[id] != nil
}
