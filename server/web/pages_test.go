package web

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"satchel/backend"
)

func TestTexts(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	s := &Server{sessions: newSessions(func() time.Time { return now })}
	for _, try := range []struct{ got, want string }{
		{sizeText(0), "0 bytes"}, {sizeText(999), "999 bytes"}, {sizeText(1000), "1.0 KiB"}, {sizeText(1024), "1.0 KiB"}, {sizeText(10_188), "9.9 KiB"}, {sizeText(10_189), "10 KiB"},
		{sizeText(1_023_487), "999 KiB"}, {sizeText(1_023_488), "1.0 MiB"}, {sizeText(5 << 30), "5.0 GiB"}, {sizeText(5e16), "45475 TiB"},
		{countText(1, "message", "messages"), "1 message"}, {countText(0, "message", "messages"), "0 messages"}, {countText(1234567, "message", "messages"), "1,234,567 messages"},
		{s.ago(now), "just now"}, {s.ago(now.Add(-5 * time.Minute)), "5 minutes ago"}, {s.ago(now.Add(-3 * time.Hour)), "3 hours ago"},
		{s.ago(now.Add(-72 * time.Hour)), "3 days ago"}, {s.ago(now.AddDate(-1, 0, 0)), "on 5 January 2025"},
		{s.lastUse(backend.AppPassword{}), "never used"}, {s.lastUse(backend.AppPassword{Used: now.Add(-9 * time.Minute)}), "used in the last ten minutes"},
		{s.lastUse(backend.AppPassword{Used: now.Add(-5 * time.Hour), From: netip.MustParseAddr("192.0.2.7")}), "used 5 hours ago from 192.0.2.7"},
		{browserName("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"), "Firefox on Linux"},
		{browserName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"), "Safari on iPhone"},
		{browserName("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"), "Edge on Windows"},
		{browserName("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"), "Chrome on Android"},
		{browserName("curl/8.0\r\n"), "A browser"},
	} {
		if try.got != try.want {
			t.Errorf("%q, want %q", try.got, try.want)
		}
	}
}

func TestAssets(t *testing.T) {
	f := open(t).Front(HTTPS)
	for path, kind := range assets {
		if r := ask(f, "GET", "https://example.com"+path); r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %s %s", path, r.Status, r.Header.Get("Content-Type"))
		}
	}
	for _, path := range []string{"/layout.html", "/pages/layout.html", "/../web.go"} {
		if r := ask(f, "GET", "https://example.com"+path); r.StatusCode == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}
