package message

import (
	"bytes"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"Hello, World {z} `a` @[", "HELLO, WORLD {Z} `A` @["},
		{"abcdefghijklmnopqrstuvwxyz0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
		{"Grüße", "GRU\u0308ßE"},
		{"e\u0301", "E\u0301"},
		{"É", "E\u0301"},
		{"Привет", "ПРИВЕТ"},
		{"ångström Å", "A\u030aNGSTRO\u0308M A\u030a"},
		{"ﬁ", "fi"},            // RFC 5051 decomposes after changing case
		{"ı", "I"},             // its title case
		{"\u01c4", "Dz\u030c"}, // the example of RFC 5051
		{"世界 🎉", "世界 🎉"},
		{"\U00010428", "\U00010400"},
		{"가", "가"}, // Hangul has no decomposition property
		{"a\xffb\xc3", "A\uFFFDB\uFFFD"},
		{"\xe9\xe8\xe7 \xf0\x9f\xc3\xa9 \ufffd\ufffd", "\uFFFD \uFFFDE\u0301 \uFFFD\uFFFD"},
		{"\u1ebf", "E\u0302\u0301"},
	}
	for _, tt := range tests {
		if got := string(Fold([]byte("> "), []byte(tt.in))); got != "> "+tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// foldSlowly is RFC 5051 one character at a time.
func foldSlowly(s []byte) (out []byte) {
	for _, r := range string(bytes.ToValidUTF8(s, []byte("\uFFFD"))) {
		form := utf8.AppendRune(nil, unicode.ToTitle(r))
		if d := norm.NFKD.Properties(form).Decomposition(); d != nil {
			form = d
		}
		out = append(out, form...)
	}
	return out
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Hello", "Grüße aus Köln", "\u01c4\ufb01\ufdfa", "\xff\xc3(", "日本語 Ünicode abcdefgh"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		got := Fold(nil, s)
		if want := foldSlowly(s); !bytes.Equal(got, want) {
			t.Fatalf("Fold(%q) = %q, want %q", s, got, want)
		}
		if !utf8.Valid(got) || len(got) > 11*len(s) {
			t.Fatalf("Fold(%q): %d bytes, valid %v", s, len(got), utf8.Valid(got))
		}
		if upper := Fold(nil, bytes.ToUpper(s)); isASCII(s) && !bytes.Equal(got, upper) {
			t.Fatalf("Fold(%q) differs in upper case", s)
		}
	})
}
