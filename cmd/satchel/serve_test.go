package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
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

// TestTakeLive: of a changed configuration the live keys count, and the others are named.
func TestTakeLive(t *testing.T) {
	running, next := defaultConfig(), defaultConfig()
	next.perAddress, next.cert, next.data, next.index = 7, "cert.pem", "/elsewhere", false
	next.acme.Email = "admin@example.org"
	taken, waiting := running.takeLive(next, isLive)
	if want := []string{"tls.cert", "acme.email", "limits.connections_per_address"}; !slices.Equal(taken, want) {
		t.Errorf("taken over: %q, want %q", taken, want)
	}
	if want := []string{"data", "search.index"}; !slices.Equal(waiting, want) {
		t.Errorf("waiting: %q, want %q", waiting, want)
	}
	if running.perAddress != 7 || running.cert != "cert.pem" || running.data == "/elsewhere" || !running.index {
		t.Errorf("in force: %+v", running)
	}
	if taken, _ := running.takeLive(next, isLive); len(taken) > 0 {
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
		if !slices.ContainsFunc(options(), func(o option) bool { return isOf(key, o.key) }) {
			t.Errorf("there is no key %s", key)
		}
	}
}
