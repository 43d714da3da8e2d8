package backend

import (
	"io"
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

func incoming(t testing.TB, a *Account, text string) *Incoming {
	t.Helper()
	s := a.backend.NewSpool()
	t.Cleanup(s.Close)
	if _, err := io.Copy(s, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return &Incoming{Body: s}
}
