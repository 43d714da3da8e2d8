package backend

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"satchel/backend/passwords"
)

// An account that is removed while somebody uses it: its mail is erased, nothing
// of it comes back, and everybody else goes on.
func TestRemoveAccountInUse(t *testing.T) {
	data := t.TempDir()
	b, err := Open(Config{Data: data, Login: LoginConfig{Iterations: passwords.MinIterations}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	info, err := b.AddAccount("alice", "secret")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	a, _, err := b.Authenticate(ctx, "alice", "secret", loopback)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.RemoveAccount("alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(data, "accounts", info.ID)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder: %v, want it gone", err)
	}
	if err := a.Create("Later", ""); err == nil {
		t.Error("a removed account was changed")
	}
	a.Release()
	if _, _, err := b.Authenticate(ctx, "alice", "secret", loopback); !errors.Is(err, ErrAuth) {
		t.Errorf("log in: %v, want ErrAuth", err)
	}
	if _, _, err := b.Resolve("alice"); !errors.Is(err, ErrNoAccounts) {
		t.Errorf("resolve: %v, want ErrNoAccounts", err)
	}
	again, err := b.AddAccount("alice", "other")
	if err != nil || again.ID == info.ID {
		t.Fatalf("the same name again: %+v, %v", again, err)
	}
	fresh, _, err := b.Authenticate(ctx, "alice", "other", loopback)
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Create("Later", ""); err != nil {
		t.Error(err)
	}
	fresh.Release()
	if got, err := b.AccountByName("Alice"); err != nil || got.ID != again.ID || len(got.Addresses) != 1 {
		t.Errorf("AccountByName: %+v, %v", got, err)
	}
}

// What goes on in the background for an account that is removed meanwhile is no trouble to tell of.
func TestRemovedQuietly(t *testing.T) {
	var log bytes.Buffer
	b, err := Open(Config{
		Data: t.TempDir(), NoIndex: true, Log: slog.New(slog.NewTextHandler(&log, nil)), Login: LoginConfig{Iterations: passwords.MinIterations},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.AddAccount("alice", "secret"); err != nil {
		t.Fatal(err)
	}
	a, _, err := b.Authenticate(context.Background(), "alice", "secret", loopback)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, a, "INBOX", 3)
	if err := b.RemoveAccount("alice"); err != nil {
		t.Fatal(err)
	}
	b.cfg.NoIndex = false
	b.indexAccount(a)
	a.fold()
	b.tidyAt(time.Now())
	a.Release()
	b.tidyAt(time.Now().Add(15 * 24 * time.Hour))
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Error(log.String())
	}
}
