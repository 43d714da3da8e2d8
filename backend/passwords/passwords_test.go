package passwords

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMemo(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	m := newMemo(func() time.Time { return now })
	k := m.keyOf("secret", []byte("salt"), 4096)
	if m.keyOf("secret", []byte("salt"), 4097) == k || m.keyOf("secre", []byte("salt"), 4096) == k || m.keyOf("secret", []byte("salu"), 4096) == k {
		t.Error("different derivations have one key")
	}
	m.remember(k, []byte("stored"))
	if got := m.stored(k); len(got) != 32 || string(got[:6]) != "stored" {
		t.Errorf("remembered %q", got)
	}
	for i := range 3 * memoSize {
		m.remember(m.keyOf(fmt.Sprint(i), nil, 1), nil)
	}
	if n := len(m.recent) + len(m.earlier); n > 2*memoSize {
		t.Errorf("%d remembered, want at most %d", n, 2*memoSize)
	}
	m.remember(k, []byte("stored"))
	now = now.Add(memoLife)
	if got := m.stored(k); got != nil {
		t.Errorf("remembered after an hour: %q", got)
	}
}

func TestGate(t *testing.T) {
	g := newGate()
	ctx, cancel := context.WithCancel(context.Background())
	for range cap(g.running) {
		if err := g.enter(ctx); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := g.enter(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("full and cancelled: %v", err)
	}
	for len(g.present) < cap(g.present) {
		g.present <- struct{}{} // as if others were waiting
	}
	if err := g.enter(context.Background()); !errors.Is(err, ErrBusy) {
		t.Errorf("queue full: %v, want ErrBusy", err)
	}
}

func TestAppSpelling(t *testing.T) {
	app := NewApp()
	if err := Check(app); err != nil {
		t.Fatal(err)
	}
	plain := strings.ReplaceAll(app, "-", "")
	for _, typed := range []string{plain, strings.ToUpper(app), strings.ReplaceAll(app, "-", " "), " " + app} {
		if secret, ok := AppSpelling(typed); !ok || secret != app {
			t.Errorf("typed as %q: %q, %v; want %q", typed, secret, ok, app)
		}
	}
	for _, typed := range []string{app, plain[1:], plain + "0", "u" + plain[1:], strings.Repeat("-", 64) + plain, ""} {
		if secret, ok := AppSpelling(typed); ok {
			t.Errorf("typed as %q: %q", typed, secret)
		}
	}
}
