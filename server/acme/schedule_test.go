package acme

import (
	"crypto/x509"
	"testing"
	"time"
)

const day = 24 * time.Hour

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func leafOf(days int) *x509.Certificate {
	return &x509.Certificate{NotBefore: start, NotAfter: start.AddDate(0, 0, days)}
}

func TestRenewal(t *testing.T) {
	c := &certificate{}
	if c.next().After(start) {
		t.Error("no certificate: want an order at once")
	}
	c.have(leafOf(90), start)
	if !c.next().Equal(start) || !c.orderAt().Equal(start.Add(60*day)) {
		t.Errorf("at first: next %v, order %v; want to ask at once, to order after 60 days", c.next(), c.orderAt())
	}
	w := window{start.Add(50 * day), start.Add(52 * day)}
	c.suggested(w, start.Add(51*day), start.Add(6*time.Hour), start)
	if !c.next().Equal(start.Add(6*time.Hour)) || !c.orderAt().Equal(start.Add(51*day)) {
		t.Errorf("asked: next %v, order %v", c.next(), c.orderAt())
	}
	c.suggested(w, start.Add(50*day), start.Add(12*time.Hour), start.Add(6*time.Hour))
	if !c.orderAt().Equal(start.Add(51 * day)) {
		t.Errorf("the same window: order %v, want the time chosen first", c.orderAt())
	}
	c.suggested(window{start.Add(day), start.Add(2 * day)}, start.Add(day), start.Add(3*day), start.Add(3*day))
	if c.orderAt().After(start.Add(3 * day)) {
		t.Errorf("a window that is over: order %v, want at once", c.orderAt())
	}
	c.suggested(window{start.Add(89 * day), start.Add(99 * day)}, start.Add(95*day), start.Add(4*day), start.Add(3*day))
	if left := c.leaf.NotAfter.Sub(c.orderAt()); left < 10*day {
		t.Errorf("a window that begins at the end: order %v before it", left)
	}
}

func TestAskingAgain(t *testing.T) {
	for again, want := range map[time.Duration]time.Duration{
		-time.Hour: askSoonest, time.Second: askSoonest, 6 * time.Hour: 6 * time.Hour, 1000 * day: askLatest,
	} {
		c := &certificate{leaf: leafOf(90)}
		if c.suggested(window{}, start, start.Add(again), start); !c.askAt.Equal(start.Add(want)) {
			t.Errorf("told to ask in %v: in %v, want %v", again, c.askAt.Sub(start), want)
		}
	}
}

// TestNewIsKept: an authority that would have a new certificate renewed at once is not asked for the next at once.
func TestNewIsKept(t *testing.T) {
	for days, want := range map[int]time.Duration{90: time.Hour, 6: time.Hour} {
		c := &certificate{}
		c.obtained(leafOf(days), start)
		c.suggested(window{start.Add(-day), start.Add(-day / 2)}, start.Add(-day), start, start)
		if got := c.orderAt().Sub(start); got != want {
			t.Errorf("%d days: kept for %v, want %v", days, got, want)
		}
	}
}

// TestPauses: they grow, stay within the limit of Let's Encrypt, and begin anew after a success.
func TestPauses(t *testing.T) {
	c, now, inFirstHour := &certificate{}, start, 0
	var last time.Duration
	for range 12 {
		if now.Sub(start) < time.Hour {
			inFirstHour++
		}
		c.failed(now, time.Time{})
		pause := c.next().Sub(now)
		if pause < last || pause > day {
			t.Errorf("a pause of %v after one of %v", pause, last)
		}
		last, now = pause, c.next()
	}
	if inFirstHour > 4 {
		t.Errorf("%d tries in the first hour", inFirstHour)
	}
	c.hurry()
	if c.next().After(now) {
		t.Error("hurry: not at once")
	}
	c.have(leafOf(90), now)
	if c.failed(now, time.Time{}); c.waitTill.Sub(now) != pauses[0] {
		t.Errorf("after a success: %v, want %v", c.waitTill.Sub(now), pauses[0])
	}
}

// TestToldToWait: what the authority says counts, within bounds, also for who is in a hurry.
func TestToldToWait(t *testing.T) {
	for told, want := range map[time.Duration]time.Duration{
		-day: pauses[0], time.Second: pauses[0], 36 * time.Hour: 36 * time.Hour, 1000 * day: longestWait,
	} {
		c := &certificate{}
		c.failed(start, start.Add(told))
		if got := c.next().Sub(start); got != want {
			t.Errorf("told %v: %v, want %v", told, got, want)
		}
		c.hurry()
		if got := c.next().After(start); got != (want != pauses[0]) {
			t.Errorf("told %v and hurried: waits %v", told, got)
		}
	}
}

// TestClockSetBack: what a clock has had wait that was ahead is due at once when it is right again, and waits that any
// clock can have stay.
func TestClockSetBack(t *testing.T) {
	ahead := start.Add(365 * day)
	c := &certificate{}
	c.have(leafOf(90), ahead)
	c.suggested(window{start.Add(30 * day), start.Add(31 * day)}, start.Add(30*day), ahead.Add(askLatest), ahead)
	c.failed(ahead, time.Time{})
	c.setRight(start)
	if c.waitTill.After(start) || c.askAt.After(start) || c.failures != 1 {
		t.Errorf("waits %v, asks in %v", c.waitTill.Sub(start), c.askAt.Sub(start))
	}
	c.failed(start, start.Add(longestWait))
	c.suggested(c.window, start, start.Add(askLatest), start)
	c.setRight(start)
	if c.waitTill.Sub(start) != longestWait || c.askAt.Sub(start) != askLatest {
		t.Errorf("with a clock that was not set: waits %v, asks in %v", c.waitTill.Sub(start), c.askAt.Sub(start))
	}
}
