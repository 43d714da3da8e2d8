package storage

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsAreTaken(t *testing.T) {
	m := openTest(t)
	check := func(c *conn) error {
		for name, want := range map[string]any{"synchronous": int64(2), "journal_mode": "wal", "foreign_keys": int64(1), "page_size": int64(8192)} {
			if got := ok[any](t)(c.pragma(name)); got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		return nil
	}
	must(t, check(m.write))
	must(t, m.read(check))
}

func TestReadersCannotWrite(t *testing.T) {
	m := openTest(t)
	err := m.read(func(c *conn) error { return c.exec("INSERT INTO subscription (name) VALUES ('x')") })
	if err == nil {
		t.Error("a reading connection wrote")
	}
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"a?b.db", "a%20b.db", "a#b.db", "ü ö.db", "file:x.db"} {
		path := filepath.Join(t.TempDir(), name)
		m, err := OpenMail(path)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		must(t, m.Close())
		if info, err := os.Stat(path); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%q: %v, %v", name, info, err)
		}
	}
}

func TestDamageNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	must(t, os.WriteFile(path, bytes.Repeat([]byte("not a database. "), 1000), 0o600))
	_, err := OpenMail(path)
	if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestDamageIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	m := ok[*Mail](t)(OpenMail(path))
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 300)
	must(t, m.Close())
	raw := ok[[]byte](t)(os.ReadFile(path))
	for i := len(raw) / 2; i < len(raw)/2+30000; i++ {
		raw[i] = 0xfe
	}
	must(t, os.WriteFile(path, raw, 0o600))
	m, err := OpenMail(path)
	if err != nil {
		if !errors.Is(err, ErrCorrupt) {
			t.Error(err)
		}
		return
	}
	defer m.Close()
	found, err := m.Check(t.Context(), true)
	if len(found) == 0 && !errors.Is(err, ErrCorrupt) {
		t.Errorf("check found %v, %v", found, err)
	}
}

func TestReadersAreBounded(t *testing.T) {
	m := openTest(t)
	inside := make(chan struct{})
	leave := make(chan struct{})
	done := make(chan error)
	for range 2 * maxReaders {
		go func() {
			done <- m.read(func(*conn) error { inside <- struct{}{}; <-leave; return nil })
		}()
	}
	for range maxReaders {
		<-inside
	}
	close(leave)
	for range maxReaders {
		<-inside
	}
	for range 2 * maxReaders {
		must(t, <-done)
	}
	if n := len(m.idle); n > maxReaders {
		t.Errorf("%d reading connections", n)
	}
}
