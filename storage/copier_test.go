package storage

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What is read of a mail.db in whose place another one was put counts for nothing.
func TestCopierOfExchangedFile(t *testing.T) {
	m := openTest(t)
	fillBox(t, m, newMailbox(t, m, "INBOX"), 3)
	k := ok[*Copier](t)(OpenCopier(m.path))
	defer k.Close()
	must(t, k.StartPack(filepath.Join(t.TempDir(), "pack"), true))
	_, _, err := k.CopyMessages(t.Context(), 0, 2, 1<<20)
	must(t, err)
	other := filepath.Join(t.TempDir(), "other.db")
	must(t, os.WriteFile(other, ok[[]byte](t)(os.ReadFile(m.path)), 0o600))
	must(t, os.Rename(other, m.path))
	if _, _, err := k.CopyMessages(t.Context(), 2, 3, 1<<20); !errors.Is(err, ErrExchanged) {
		t.Error(err)
	}
}
