package crlf

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReader(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"a", "a"},
		{"a\nb\n", "a\r\nb\r\n"},
		{"a\r\nb\r\n", "a\r\nb\r\n"},
		{"a\r\n\nb\r", "a\r\n\r\nb\r"},
		{"\n\n", "\r\n\r\n"},
		{"\r\r\n", "\r\r\n"},
		{"nul\x00\n\xff\n", "nul\x00\r\n\xff\r\n"},
	}
	for _, tt := range tests {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r },
			"bytes": iotest.OneByteReader,
			"eof":   iotest.DataErrReader,
		} {
			got, err := io.ReadAll(iotest.OneByteReader(NewReader(wrap(strings.NewReader(tt.in)))))
			if err != nil || string(got) != tt.want {
				t.Errorf("%s %q: got %q, %v; want %q", name, tt.in, got, err, tt.want)
			}
			got, err = io.ReadAll(NewReader(wrap(strings.NewReader(tt.in))))
			if err != nil || string(got) != tt.want {
				t.Errorf("%s %q: got %q, %v; want %q", name, tt.in, got, err, tt.want)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		in    string
		lossy bool
	}{
		{"", false},
		{"a\r\nb\r\n", false},
		{"no line end", false},
		{"bare\nline feed", true},
		{"\n", true},
		{"two\r\r\n", true},
		{"bare\rreturn\r\n", false},
		{"ends in\r", false},
	}
	for _, tt := range tests {
		var whole, single Check
		whole.Write([]byte(tt.in))
		for _, b := range []byte(tt.in) {
			single.Write([]byte{b})
		}
		if whole.Lossy != tt.lossy || single.Lossy != tt.lossy {
			t.Errorf("%q: lossy %v and %v, want %v", tt.in, whole.Lossy, single.Lossy, tt.lossy)
		}
	}
}

// FuzzRoundTrip: what Check calls faithful comes back byte for byte.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("a\r\nb\r\r\n\n"), 3)
	f.Add([]byte("Subject: x\r\n\r\nbody\r\n"), 1)
	f.Fuzz(func(t *testing.T, wire []byte, cut int) {
		var c Check
		cut = max(0, min(cut, len(wire)))
		c.Write(wire[:cut])
		c.Write(wire[cut:])
		back, err := io.ReadAll(NewReader(bytes.NewReader(AppendFile(nil, wire))))
		if err != nil {
			t.Fatal(err)
		}
		if same := bytes.Equal(back, wire); same == c.Lossy {
			t.Errorf("%q: same %v, lossy %v", wire, same, c.Lossy)
		}
	})
}
