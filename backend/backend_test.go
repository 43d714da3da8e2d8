package backend

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testAccount opens a backend in a folder of its own with one account.
func testAccount(t testing.TB) (*Backend, *Account) {
	t.Helper()
	return testAccountWith(t, Config{Data: t.TempDir()})
}

func testAccountWith(t testing.TB, cfg Config) (*Backend, *Account) {
	t.Helper()
	b, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	a, err := b.Account("test", "test")
	if err != nil {
		t.Fatal(err)
	}
	return b, a
}

// accountOf opens an account of a backend that has accounts, by its name.
func accountOf(t testing.TB, b *Backend, name string) *Account {
	t.Helper()
	info, err := b.AccountByName(name)
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.Account(info.ID, info.Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Release)
	return a
}

func incoming(t testing.TB, a *Account, text string) *Incoming {
	t.Helper()
	s := a.backend.NewSpool()
	t.Cleanup(s.Close)
	if _, err := io.Copy(s, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return &Incoming{Body: s}
}

// What a restore that was killed has left is gone when the next process has the data folder, and nothing else.
func TestOpenClearsRestores(t *testing.T) {
	data := t.TempDir()
	left, err := NewAdoption(data)
	try(t, err)
	try(t, os.WriteFile(filepath.Join(left, "mail.db"), []byte("half"), 0o600))
	try(t, os.Mkdir(filepath.Join(data, "tmp", "restore-mine"), 0o700))
	try(t, os.WriteFile(filepath.Join(data, "tmp", "letter"), nil, 0o600))
	b, err := Open(Config{Data: data})
	try(t, err)
	if entries, err := os.ReadDir(filepath.Join(data, "tmp")); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
	during, err := NewAdoption(data)
	try(t, err)
	if _, err := Open(Config{Data: data}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second owner: %v", err)
	}
	if _, err := os.Stat(during); err != nil {
		t.Errorf("a second owner has cleared away what is in use: %v", err)
	}
	try(t, b.Close())
}
