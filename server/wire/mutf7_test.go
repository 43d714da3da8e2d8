package wire

import (
	"testing"
	"unicode/utf8"
)

func TestMUTF7(t *testing.T) {
	for name, encoded := range map[string]string{
		"":                   "",
		"INBOX":              "INBOX",
		"R&D":                "R&-D",
		"&&":                 "&-&-",
		"é":                  "&AOk-",
		"é&é":                "&AOk-&-&AOk-",
		"~peter/mail/台北/日本語": "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		"😀":                  "&2D3eAA-",
		"a\x00\x7f":          "a&AAAAfw-",
		"\uFFFD":             "&,,0-",
	} {
		if got := EncodeMUTF7(name); got != encoded {
			t.Errorf("encode %q: got %q, want %q", name, got, encoded)
		}
		if got, err := DecodeMUTF7(encoded); got != name || err != nil {
			t.Errorf("decode %q: got %q, %v, want %q", encoded, got, err, name)
		}
	}
}

func TestMUTF7Invalid(t *testing.T) {
	for _, s := range []string{
		"&", "a&", "&AOk", "&AOk/", // not ended
		"&A-", "&AO-", "&AOkA-", "&AOkAA-", // not whole units
		"&AOl-",      // stray bits
		"&AO.-",      // not a digit
		"&AO/-",      // the other base64
		"&AOk=-",     // padded
		"&AGE-",      // printable ASCII
		"&ACY-",      // an ampersand
		"&AOkAYQ-",   // printable ASCII behind something else
		"&AOk-&AOk-", // two runs where one would do
		"&2D0-",      // half a pair
		"&3gA-",      // the other half
		"&2D0AYQ-",   // half a pair and something else
		"é", "\x00", "a\x7f", "a\nb",
	} {
		if got, err := DecodeMUTF7(s); err == nil {
			t.Errorf("decode %q: got %q", s, got)
		}
	}
}

// FuzzMUTF7 holds that every name survives both ways, and that what can be decoded has one spelling.
func FuzzMUTF7(f *testing.F) {
	for _, s := range []string{"INBOX", "R&D", "R&-D", "Entwürfe", "&AOk-", "&2D3eAA-", "&AOk-&AOk-", "a\x00b", "&", "\xff", "台北/日本語"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if utf8.ValidString(s) {
			if back, err := DecodeMUTF7(EncodeMUTF7(s)); back != s || err != nil {
				t.Errorf("%q comes back as %q, %v", s, back, err)
			}
		}
		name, err := DecodeMUTF7(s)
		if err != nil {
			return
		}
		if !utf8.ValidString(name) {
			t.Errorf("%q decodes to %q", s, name)
		}
		if again := EncodeMUTF7(name); again != s {
			t.Errorf("%q is also spelled %q", s, again)
		}
	})
}
