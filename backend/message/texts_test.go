package message

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// decoded is an extractor that knows one type, whose text is what is attached.
func decoded(dst []byte, a *Attachment) []byte {
	if string(a.Type) != "application/x-said" {
		return dst
	}
	b := bytes.NewBuffer(dst)
	a.WriteTo(b) // a buffer takes all
	return b.Bytes()
}

// textsOf collects the texts of a message, decoded size bytes at a time, each with H or B before it.
func textsOf(t *testing.T, raw []byte, root *Part, headers bool, size int) []string {
	t.Helper()
	s := Scratch{Extract: decoded}
	var all []string
	open := false
	s.texts(raw, root, walk{headers: headers, size: size}, func(p Piece) bool {
		kind := "B"
		if p.Header {
			kind = "H"
		}
		if !open {
			all = append(all, kind)
		}
		now := &all[len(all)-1]
		if *now += string(p.Text); (*now)[:1] != kind || !utf8.Valid(p.Text) {
			t.Fatalf("%q in %q", p.Text, *now)
		}
		open = !p.End
		return true
	})
	if open {
		t.Fatalf("%q has no end", all[len(all)-1])
	}
	return all
}

func TestTexts(t *testing.T) {
	raw := crlf(mixed + "pre\n--b\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n" +
		"<p>caf=E9 <b>n</b>o=\nir&shy;<p>\n" +
		"--b\nContent-Type: TEXT/(x)HTML\n\n<i>\xff</i>\xfe\xfd<br>\n" +
		"--b\nContent-Type: application/octet-stream\n\nno\n" +
		"--b\nSubject: a\n =?utf-8?q?=C3=A9?=\n =?utf-8?q?t=C3=A9?=\n\n<b>plain\xff\xfe\n" +
		"--b\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Type: text/html\n\n\n" +
		"--b--\nepilogue")
	root := &Parse(raw).Root
	header := func(s string) string { return "H" + strings.ToUpper(strings.ReplaceAll(s, "\n", "\r\n")) }
	want := []string{
		header(mixed),
		header("Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"), "BCAFE\u0301 NOIR ",
		header("Content-Type: TEXT/(x)HTML\n\n"), "B\uFFFD\uFFFD ",
		header("Content-Type: application/octet-stream\n\n"),
		"HSUBJECT: A E\u0301TE\u0301\r\n\r\n", "B<B>PLAIN\uFFFD",
		header("Content-Type: message/rfc822\n\n"), header("Subject: inner\nContent-Type: text/html\n\n"), "B",
	}
	for _, size := range []int{1, 2, 3, 7, pieceSize} {
		if got := textsOf(t, raw, root, true, size); !slices.Equal(got, want) {
			t.Errorf("size %d:\ngot  %q\nwant %q", size, got, want)
		}
		bodies := slices.DeleteFunc(slices.Clone(want), func(s string) bool { return s[0] == 'H' })
		if got := textsOf(t, raw, root, false, size); !slices.Equal(got, bodies) {
			t.Errorf("size %d, bodies:\ngot  %q\nwant %q", size, got, bodies)
		}
	}
}

// What HeaderContains finds in a field is in the text of the header too, whatever is around the field.
func TestTextsHaveFields(t *testing.T) {
	for _, raw := range append(seeds(),
		[]byte("X-A: =?utf-8?q?open\r\nX-B: end?= =?utf-8?b?open\r\nX-C: text\r\nX-D: end?=\r\n\r\n"),
		[]byte("=?utf-8?b?X: value?= more\n=?utf-8?q?a?=\n=?utf-8?q?b?=: =?utf-8?q?c?=\n\n =?utf-8?q?d?="),
		[]byte("X-A:\r\n \r\n\t =?utf-8?q?a?=\r\n\t\r\n =?utf-8?q?b?= \r\nX-B:=?utf-8?q?c?="),
	) {
		root := &Parse(raw).Root
		header := raw[:root.Body]
		text := textsOf(t, raw, root, true, pieceSize)[0]
		for at := 0; ; {
			f, ok := nextField(header, at)
			if !ok {
				break
			}
			at = f.end
			value := new(decoder).appendDecoded(nil, appendUnfoldedHeader(nil, bytes.TrimLeft(f.value, " \t\r\n")))
			if needle := string(Fold(nil, value)); len(f.name) > 0 && !strings.Contains(text, needle) {
				t.Errorf("%q of %q is not in %q", needle, f.name, text)
			}
		}
	}
}

// Who has seen enough is given nothing more.
func TestTextsStop(t *testing.T) {
	raw := crlf(searched)
	root := &Parse(raw).Root
	var s Scratch
	all := 0
	s.Texts(raw, root, true, func(Piece) bool { all++; return true })
	for stop := 1; stop <= all; stop++ {
		seen := 0
		s.Texts(raw, root, true, func(Piece) bool { seen++; return seen < stop })
		if seen != stop {
			t.Errorf("%d pieces of %d", seen, stop)
		}
	}
}

// Neither the texts nor what is found in them depend on where pieces are cut.
func TestTextsPieceSizes(t *testing.T) {
	messages := seeds()
	for _, charset := range []string{"utf-8", "utf-7", "shift_jis", "iso-2022-jp", "gb18030", "utf-16", "koi8-r", "x-unknown"} {
		for _, sub := range []string{"plain", "html"} {
			body := "<p>日本の手紙&amp;Привет+2D3eAA- \xc2\xad\xff\xfe\xe6<b>\x97\xa5\x1b$BF|K\\\x1b(B\xd8\x00\xdc</b>\xe6\x97"
			if enc, ok := charsetNamed(charset); ok && enc != nil {
				if b, err := enc.NewEncoder().String(body[:30]); err == nil {
					body = b + body
				}
			}
			head := fmt.Sprintf("Content-Type: text/%s; charset=%s\r\n", sub, charset)
			messages = append(messages, []byte(head+"\r\n"+body),
				[]byte(head+"Content-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString([]byte(body))))
		}
	}
	for _, raw := range messages {
		root := &Parse(raw).Root
		want := textsOf(t, raw, root, true, pieceSize)
		for _, size := range []int{1, 2, 3, 5, 8, 13} {
			if got := textsOf(t, raw, root, true, size); !slices.Equal(got, want) {
				t.Errorf("%.80q, size %d:\ngot  %q\nwant %q", raw, size, got, want)
			}
		}
	}
}

func FuzzTexts(f *testing.F) {
	for _, raw := range seeds() {
		f.Add(raw, uint8(1))
	}
	f.Add([]byte("Content-Type: text/html; charset=shift_jis\n\n<b>\x93\xfa</b>\x96\xff&amp"), uint8(2))
	f.Add([]byte("Subject: =?utf-8?q?a?=\n=?utf-8?q?b?=\n\n"), uint8(3))
	f.Fuzz(func(t *testing.T, raw []byte, size uint8) {
		root := &Parse(raw).Root
		want := textsOf(t, raw, root, true, pieceSize)
		if got := textsOf(t, raw, root, true, 1+int(size)); !slices.Equal(got, want) {
			t.Fatalf("%q, size %d:\ngot  %q\nwant %q", raw, 1+int(size), got, want)
		}
	})
}

// A field that folds to eleven times its length is not folded at once.
func TestTextsLongField(t *testing.T) {
	raw := []byte("Subject: " + strings.Repeat("\uFDFA", 1<<18) + "\xff\xfe\r\n\r\n")
	longest, all := 0, 0
	new(Scratch).Texts(raw, &Parse(raw).Root, true, func(p Piece) bool {
		longest, all = max(longest, len(p.Text)), all+len(p.Text)
		return true
	})
	if longest > 12*pieceSize || all < 10*len(raw) {
		t.Errorf("%d bytes of %d at once", longest, all)
	}
}

// A walk over one more message takes no memory.
func TestTextsAllocate(t *testing.T) {
	raw := mixedMail(2000)
	root := &Parse(raw).Root
	var s Scratch
	wants := []Want{{Needle: fold("not to be found"), Headers: true}}
	bytes := 0
	for name, f := range map[string]func(){
		"Search": func() { s.Search(raw, root, wants) },
		"Texts":  func() { s.Texts(raw, root, true, func(p Piece) bool { bytes += len(p.Text); return true }) },
	} {
		if n := testing.AllocsPerRun(10, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
