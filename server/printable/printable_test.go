package printable

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Thunderbird", "Thunderbird"},
		{"K-9 é 漢字", "K-9 é 漢字"},
		{"a\r\nb\tc\x00", "a  b c?"},
		{"\x1b[31mred\x9b", "?[31mred?"},
		{"evil\u202etxt\u2028\u00a0\u200b", "evil?txt  ?"},
		{"[31m\u009b", "[31m?"},
		{"\xff\xfe", "?"},
		{"0123456789abcdefghi", "0123456789abcdef..."},
		{"0123456789abcdeé", "0123456789abcde..."},
	} {
		if got := Text(tt.text, 16); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\x1b[0m\u202e", 5)
	f.Fuzz(func(t *testing.T, text string, max int) {
		if max < 0 || max > 1<<16 {
			return
		}
		got := Text(text, max)
		if !utf8.ValidString(got) || len(got) > max+3 || strings.ContainsAny(got, "\r\n\t\x1b\x00\u202e\u2066") {
			t.Errorf("%q, %d: %q", text, max, got)
		}
	})
}
