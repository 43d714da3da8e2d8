package message

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func TestDecodedWords(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"=?utf-8?Q?Gr=C3=BC=C3=9Fe_x?=", "Grüße x"},
		{"=?ISO-8859-1?q?=E9?= b", "é b"},
		{"a =?utf-8?B?w6k=?= b", "a é b"},
		{"=?utf-8?b?w6k?=", "é"}, // no padding
		{"=?utf-8?q?a?= \t=?utf-8?q?b?=", "ab"},
		{"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"},
		{"=?utf-8?q?a?==?utf-8?q?b?=", "ab"},
		{"=?utf-8*de?q?a?=", "a"},
		{"=?utf-8?q?a b?=", "a b"},
		{"=?x-none?q?a=C3=A9?=", "aé"},
		{"=?utf-8?q?a=zz?=", "a=zz"},
		{"=?utf-8?x?a?=", "=?utf-8?x?a?="},
		{"=?utf-8?q?a", "=?utf-8?q?a"},
		{"=?utf-8?q?a?b", "=?utf-8?q?a?b"},
		{"=?=?utf-8?q?a?=", "=?a"},
		{"=??q?a?=", "=??q?a?="},
		{"(=?utf-8?q?a?=)", "(a)"},
		{"=?", "=?"},
		{"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"},
	}
	var d decoder
	for _, tt := range tests {
		if got := string(d.appendDecoded(nil, []byte(tt.in))); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestTransferEncodings(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"a=3Db=C3=A9", "a=bé"},
		{"soft=\r\nbreak=  \nhere\r\n", "softbreakhere\r\n"},
		{"bad=zz =", "bad=zz "},
		{"=3d=3D", "=="},
		{"=4", "=4"},
		{"==4\n1=\n", "==4\r\n1"},
		{"padded \t \r\n \na\rb\n", "padded\r\n\r\na\rb\r\n"},
		{"end \t", "end"},
		{"=" + strings.Repeat(" ", maxBlanks) + "\nx", "x"},
		{"=" + strings.Repeat(" ", maxBlanks+1) + "\r\nx", "=" + strings.Repeat(" ", maxBlanks+1) + "\r\nx"},
	} {
		for cut := range len(tt.in) + 1 {
			var d quotedPrintableDecoder
			got := d.append(nil, []byte(tt.in[:cut]))
			got = d.flush(d.append(got, []byte(tt.in[cut:])))
			if string(got) != tt.want {
				t.Errorf("quoted-printable %q cut at %d: got %q, want %q", tt.in, cut, got, tt.want)
			}
		}
	}
	for _, tt := range []struct{ in, want string }{
		{"SGVsbG8=", "Hello"},
		{"SGVs\r\nbG8", "Hello"},
		{"SGV!s bG8", "Hello"},
		{"SGVsbG8=SGVsbG8=", "HelloHello"},
		{"SGVsbA==\r\nSGVsbG8", "HellHello"},
		{"S", ""},
		{"====", ""},
	} {
		for cut := range len(tt.in) + 1 {
			var d base64Decoder
			got := d.append(nil, []byte(tt.in[:cut]))
			got = d.flush(d.append(got, []byte(tt.in[cut:])))
			if string(got) != tt.want {
				t.Errorf("base64 %q cut at %d: got %q, want %q", tt.in, cut, got, tt.want)
			}
		}
	}
}

// FuzzDecoder: the result is the same wherever the input is cut, and never much longer than it.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte("a=3D=\r\nb \t\r\n="), uint8(QuotedPrintable), 3, 5)
	f.Add([]byte("SGVs\r\nbG8=SGVsbG8="), uint8(Base64), 3, 9)
	f.Add([]byte("="+strings.Repeat(" ", 300)+"\n"), uint8(QuotedPrintable), 100, 200)
	f.Fuzz(func(t *testing.T, b []byte, encoding uint8, one, two int) {
		e := Encoding(encoding % 4)
		one = max(0, min(one, len(b)))
		two = max(one, min(two, len(b)))
		whole, pieces := Decoder{Encoding: e}, Decoder{Encoding: e}
		want := whole.Flush(whole.Append(nil, b))
		got := pieces.Append(nil, b[:one])
		got = pieces.Append(got, b[one:two])
		got = pieces.Flush(pieces.Append(got, b[two:]))
		if string(got) != string(want) {
			t.Fatalf("%q cut at %d and %d: got %q, want %q", b, one, two, got, want)
		}
		if len(want) > 2*len(b) {
			t.Fatalf("%d bytes made %d", len(b), len(want))
		}
	})
}

func FuzzBase64(f *testing.F) {
	f.Add([]byte("some bytes"), 3)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		in := base64.StdEncoding.AppendEncode(nil, b)
		cut = max(0, min(cut, len(in)))
		var d base64Decoder
		got := d.append(nil, in[:cut])
		if got = d.flush(d.append(got, in[cut:])); string(got) != string(b) {
			t.Fatalf("got %q, want %q", got, b)
		}
		d.append(nil, b) // anything at all must not panic
	})
}

func TestDecodeCharset(t *testing.T) {
	latin, _ := charmap.ISO8859_1.NewEncoder().String("é")
	euc, _ := japanese.EUCJP.NewEncoder().String("日本")
	bom, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String("é")
	tests := []struct{ charset, in, want string }{
		{"UTF-8", "é", "é"},
		{"us-ascii", "e", "e"},
		{"ISO-8859-1", latin, "é"},
		{"latin1", latin, "é"},
		{"windows-1252", "\x80", "€"},
		{"euc-jp", euc, "日本"},
		{"utf-16", bom, "é"},
		{"utf-16le", "\xe9\x00", "é"},
		{"utf-16", "\xe9\x00", "é"},
		{"UTF-7", "a+AOk-b +- +2DzfiQ +AOk", "aéb + 🎉 é"},
		{"koi8-r", "\xf0", "П"},
		{"gb2312", "\xc4\xe3", "你"},
	}
	for _, tt := range tests {
		got, err := DecodeCharset(tt.charset, []byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s %q: got %q, %v, want %q", tt.charset, tt.in, got, err, tt.want)
		}
		if !CharsetSupported(tt.charset) {
			t.Errorf("%s is not supported", tt.charset)
		}
	}
	for _, name := range []string{"", "x-none", "replacement", "utf-8\x00"} {
		if _, err := DecodeCharset(name, []byte("x")); !errors.Is(err, ErrCharset) || CharsetSupported(name) {
			t.Errorf("%q: got %v, want ErrCharset", name, err)
		}
	}
	if _, err := DecodeCharset("utf-8", []byte("\xff")); err == nil || errors.Is(err, ErrCharset) {
		t.Errorf("invalid UTF-8: got %v", err)
	}
}
