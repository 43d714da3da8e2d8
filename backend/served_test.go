package backend

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// keptAfter is how many messages can be brought back after tidy at a time.
func keptAfter(t *testing.T, b *Backend, a *Account, now time.Time) int {
	t.Helper()
	a.purgedAt = time.Time{}
	b.tidyAt(now)
	n, _, err := a.mail.OrphanTotal()
	try(t, err)
	return n
}

// TestKeptForTimeServed: expunged mail is kept for as long as the server has run, whatever the clock says.
func TestKeptForTimeServed(t *testing.T) {
	const day = 24 * time.Hour
	for name, wrong := range map[string]time.Duration{"right": 0, "behind": -50 * 365 * day, "ahead": 70 * 365 * day} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			b, a := testAccountWith(t, Config{Data: data, NoIndex: true})
			letters(t, a, "INBOX", "one", "two")
			expungeAll(t, a, "INBOX")
			start := time.Now()
			// What the clock says changes, and what has passed does not.
			b.served.started = b.served.started.Add(wrong).Round(0)
			if n := keptAfter(t, b, a, start.Add(wrong).Round(0).Add(day)); n != 2 {
				t.Fatalf("after a day %d are kept", n)
			}
			b.served.started = start
			if n := keptAfter(t, b, a, start.Add(13*day)); n != 2 {
				t.Errorf("after 13 days %d are kept", n)
			}
			if n := keptAfter(t, b, a, start.Add(14*day+time.Hour)); n != 0 {
				t.Errorf("after 14 days %d are kept", n)
			}
		})
	}
}

// TestKeptWhileNotServed: the time between two runs does not count, that of both does, and one that is lost begins anew.
func TestKeptWhileNotServed(t *testing.T) {
	data := t.TempDir()
	b, a := testAccountWith(t, Config{Data: data, NoIndex: true})
	letters(t, a, "INBOX", "one")
	expungeAll(t, a, "INBOX")
	const day = 24 * time.Hour
	b.tidyAt(time.Now().Add(10 * day))
	try(t, a.mail.Checkpoint())
	file := filepath.Join(data, "served")
	noted, err := os.ReadFile(file)
	try(t, err)
	now := time.Now().Add(100 * day)
	if s := newServed(file, now); s.at(now) < int64(10*day/time.Second) || s.at(now.Add(-11*day)) > 0 {
		t.Errorf("after 10 days it is %q", noted)
	}
	for _, broken := range []string{"", "8640", "x\n", "-5\n", "99999999999999999999\n"} {
		try(t, os.WriteFile(file, []byte(broken), 0o600))
		if s := newServed(file, now); s.at(now) != 0 {
			t.Errorf("%q is %d", broken, s.at(now))
		}
	}
	b.served = newServed(filepath.Join(data, "none"), time.Now().Add(20*day))
	if n := keptAfter(t, b, a, time.Now().Add(21*day)); n != 1 {
		t.Error("what was expunged before the time that is known is erased")
	}
	if n := keptAfter(t, b, a, time.Now().Add(35*day)); n != 0 {
		t.Error("it is kept for ever")
	}
}
