package config

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"14d": 14 * wholeDay, "1d": wholeDay, "1d12h": 36 * time.Hour, "36h": 36 * time.Hour, "30m": 30 * time.Minute,
		"0": 0, "0d": 0, "1h30m": 90 * time.Minute, "100000d": maxDays * wholeDay,
	} {
		d, err := ParseDuration(text)
		if err != nil || d != want {
			t.Errorf("%q is %v, %v", text, d, err)
		}
		if again, err := ParseDuration(FormatDuration(d)); err != nil || again != d {
			t.Errorf("%q is written as %q", text, FormatDuration(d))
		}
	}
	for _, text := range []string{"", "d", "-1d", "1.5d", "2d3", "14 d", "14d14d", "100001d", "1d-1h", "99999999999d", "3000000h", "week"} {
		if d, err := ParseDuration(text); err == nil {
			t.Errorf("%q is %v", text, d)
		}
	}
	if s := FormatDuration(14 * wholeDay); s != "14d" {
		t.Errorf("two weeks are %q", s)
	}
}
