package backend

import (
	"os"
	"path/filepath"
	"testing"

	"satchel/storage"
)

// TestAdoptCrashed: of an account that was being restored when the process was killed
// nothing is left at the next start, and it can be restored then, in its old folder.
func TestAdoptCrashed(t *testing.T) {
	data := t.TempDir()
	b, err := Open(Config{Data: data})
	try(t, err)
	info, err := b.AddAccount("alice", "secret")
	try(t, err)
	copied := filepath.Join(t.TempDir(), "directory.db")
	try(t, storage.CopyDirectory(t.Context(), filepath.Join(data, "directory.db"), copied))
	try(t, b.RemoveAccount("alice"))

	home := filepath.Join(data, "accounts", info.ID)
	try(t, os.Mkdir(home, 0o700))
	try(t, b.dir.store.NoteErasure(info.ID, 1))
	try(t, os.WriteFile(filepath.Join(home, "mail.db"), []byte("moved"), 0o600))
	try(t, b.Close())

	if b, err = Open(Config{Data: data}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := os.Stat(home); !os.IsNotExist(err) {
		t.Errorf("the folder: %v", err)
	}
	from, err := NewAdoption(data)
	try(t, err)
	try(t, os.Rename(copied, filepath.Join(from, "directory.db")))
	back, _, err := b.AdoptAccount(filepath.Base(from), "alice", "alice")
	if err != nil || back.ID != info.ID {
		t.Errorf("%+v, %v", back, err)
	}
}
