package presence

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNewID(t *testing.T) {
	a, b := NewID(), NewID()
	if a == b || len(a) != 8 || len(b) != 8 {
		t.Errorf("%q, %q", a, b)
	}
}

func TestFilter(t *testing.T) {
	s := &Session{ID: "a", AccountID: "1", Remote: netip.MustParseAddr("192.0.2.7")}
	network := netip.MustParsePrefix("192.0.2.0/24")
	for _, tt := range []struct {
		f    Filter
		want bool
	}{
		{Filter{}, true},
		{Filter{Session: "a"}, true},
		{Filter{Session: "b"}, false},
		{Filter{AccountID: "1", Network: network}, true},
		{Filter{AccountID: "2", Network: network}, false},
		{Filter{Session: "a", Network: netip.MustParsePrefix("198.51.100.0/24")}, false},
	} {
		if got := tt.f.Matches(s); got != tt.want {
			t.Errorf("%+v: %t", tt.f, got)
		}
	}
	if (Filter{Network: network}).Matches(&Session{}) {
		t.Error("a session without an address is in a network")
	}
}

func TestPrintable(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Thunderbird", "Thunderbird"},
		{"K-9 é 漢字", "K-9 é 漢字"},
		{"a\r\nb\tc\x00", "a??b?c?"},
		{"\x1b[31mred\x9b", "?[31mred?"},
		{"evil\u202etxt\u2028\u00a0\u200b", "evil?txt???"},
		{"\xff\xfe", "?"},
		{"0123456789abcdefghi", "0123456789abcdef..."},
		{"0123456789abcdeé", "0123456789abcde..."},
	} {
		if got := Printable(tt.text, 16); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b[0m\u202e", 5)
	f.Fuzz(func(t *testing.T, text string, max int) {
		if max < 0 || max > 1<<16 {
			return
		}
		got := Printable(text, max)
		if !utf8.ValidString(got) || len(got) > max+3 || strings.ContainsAny(got, "\r\n\t\x1b\x00\u202e\u2066") {
			t.Errorf("%q, %d: %q", text, max, got)
		}
	})
}
