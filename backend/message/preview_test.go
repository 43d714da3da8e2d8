package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPreview(t *testing.T) {
	const htmlHead = "Content-Type: text/html; charset=utf-8\n\n"
	for _, tt := range []struct{ in, want string }{
		{"\nHello,\n\n  how   are\tyou?\n", "Hello, how are you?"},
		{"\n", ""},
		{"\nOn Monday Bob wrote:\n> one\n> two\nThree.\n-- \nAlice", "Three."},
		{"\nI said:\nno.\n> x\n", "I said: no."},
		{"\n> only\n>> quoted\n", "only quoted"},
		{"\n-----BEGIN PGP MESSAGE-----\nabc\n", ""},
		{"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9 au=\n lait", "café au lait"},
		{"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\naGVsbG8=", "hello"},
		{htmlHead + "<html><head><title>t</title><style>p{}</style></head><body><p>Dear <b>A</b>li<i>ce</i>,</p><br>you&amp;me&nbsp;&#x200c;<!-- c --><script>x</script> now", "Dear Alice, you&me now"},
		{htmlHead + "<blockquote>old</blockquote>new<td>1<td>2", "new 1 2"},
		{htmlHead + "<blockquote>old <b>a</b></blockquote>", "old a"},
		{htmlHead + "a < b <", "a < b <"},
		{"Content-Type: application/octet-stream\n\nx", ""},
		{"Content-Type: text/calendar\n\nBEGIN:VCALENDAR", ""},
		{mixed + "--b\nContent-Disposition: attachment\n\nno\n--b\n\n\n--b\n\nyes\n--b--\n", "yes"},
		{mixed + "--b\nContent-Type: message/rfc822\n\nSubject: x\n\ninner\n--b--\n", ""},
		{"\n" + strings.Repeat("é ", 300), strings.TrimSuffix(strings.Repeat("é ", 100), " ")},
		{"\na\x00b\x1bc\xff", "abc"},
	} {
		raw := crlf(tt.in)
		if got := Preview(raw, &Parse(raw).Root); got != tt.want {
			t.Errorf("%q:\ngot  %q\nwant %q", tt.in, got, tt.want)
		}
	}
}

func FuzzPreview(f *testing.F) {
	addMail(f)
	f.Add([]byte("Content-Type: text/html\n\n<p>a&lt;<blockquote><!--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		root := &Parse(raw).Root
		got := Preview(raw, root)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > previewRunes || strings.ContainsAny(got, "\r\n\x00\t") || strings.TrimSpace(got) != got {
			t.Fatalf("%q", got)
		}
		Preview(raw[:len(raw)/2], root) // a message that was not read to its end
	})
}

func BenchmarkPreview(b *testing.B) {
	raw := crlf("Content-Type: text/html\n\n<html><head><style>" + strings.Repeat("p { color: red }\n", 600) + "</style></head>" + strings.Repeat("<p>some text</p>\n", 500))
	root := &Parse(raw).Root
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		Preview(raw, root)
	}
}
