package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/config"
)

// TestKeepTelling: every tick is told once the probe has returned, and none while it is stuck.
func TestKeepTelling(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick, probing, told := make(chan time.Time), make(chan struct{}), make(chan struct{})
	go keepTelling(ctx, tick, func() { probing <- struct{}{} }, func() { told <- struct{}{} })
	for range 3 {
		tick <- time.Time{}
		select {
		case <-told:
			t.Fatal("told while the probe was stuck")
		case <-probing:
		}
		<-told
	}
}

// TestWhenFree: a data folder that is taken is asked for again until it is free, or nobody waits any more.
func TestWhenFree(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tries := 0
	if err := whenFree(ctx, func() (bool, error) { tries++; return tries < 3, fmt.Errorf("%d", tries) }); err.Error() != "3" {
		t.Errorf("after %v tries: %v", tries, err)
	}
	err := whenFree(ctx, func() (bool, error) { cancel(); return true, backend.ErrInUse })
	if !errors.Is(err, backend.ErrInUse) {
		t.Errorf("given up: %v", err)
	}
}

// TestTakeLive: of a changed configuration the live keys count, and the others are named.
func TestTakeLive(t *testing.T) {
	running, next := config.Default(), config.Default()
	next.PerAddress, next.ClientCA, next.Data, next.Index = 7, "ca.pem", "/elsewhere", false
	next.ACME.Email = "admin@example.org"
	taken, waiting := running.TakeLive(next, isLive)
	if want := []string{"tls.client_ca", "acme.email", "limits.connections_per_address"}; !slices.Equal(taken, want) {
		t.Errorf("taken over: %q, want %q", taken, want)
	}
	if want := []string{"data", "search.index"}; !slices.Equal(waiting, want) {
		t.Errorf("waiting: %q, want %q", waiting, want)
	}
	if running.PerAddress != 7 || running.ClientCA != "ca.pem" || running.Data == "/elsewhere" || !running.Index {
		t.Errorf("in force: %+v", running)
	}
	if taken, _ := running.TakeLive(next, isLive); len(taken) > 0 {
		t.Errorf("taken over once more: %q", taken)
	}
}

// TestLiveKeys: each is a key, and docs/CONFIGURATION.md lists them.
func TestLiveKeys(t *testing.T) {
	page, err := os.ReadFile("../../docs/CONFIGURATION.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(page), "these keys count at once:")
	list, _, _ = strings.Cut(list, ". ")
	if got := strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune("`, \n", r) }); !slices.Equal(got, liveKeys) {
		t.Errorf("docs/CONFIGURATION.md lists %q, not %q", got, liveKeys)
	}
	for _, key := range liveKeys {
		if !slices.ContainsFunc(config.Default().Keys(), func(k config.Key) bool { return isOf(key, k.Name) }) {
			t.Errorf("there is no key %s", key)
		}
	}
}
