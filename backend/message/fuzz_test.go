package message

import (
	"fmt"
	"testing"
)

// addMail gives a fuzz target the messages of the other tests to start from.
func addMail(f *testing.F) {
	for _, raw := range seeds() {
		f.Add(raw)
	}
}

// seeds are messages of every kind, whole and broken.
func seeds() [][]byte {
	return [][]byte{
		nil, crlf(searched), mixedMail(200), plainMail(2000),
		crlf(mixed + "pre\n--b\nContent-Type: multipart/digest; boundary=bb\n\n--bb\n\nFrom: a@b\n\nx\n--bb--\n--b\nContent-Type: message/rfc822\n--b--\n"),
		[]byte("Content-Type: multipart/mixed; boundary*0*=us-ascii''a; boundary*1=b\nTo: g: a@b, \"c\" <d@[1]>;, e (f\n\n--ab\r\n\n--ab--"),
		[]byte("From: <@a,@b:c@d> (e)\nDate: 1 Jan 70 0:0 (x) +9999\nSubject: =?utf-7?q?+AOk-?= =?x?b?=\nMIME-Version: 1\nContent-Disposition: a; b=\"c\\\"\x00\xff\"\n\nx"),
		crlf(mixed + "--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n--b"),
	}
}

// checkTree fails unless every part lies inside the part around it, in order, and within the bounds.
func checkTree(t *testing.T, p *Part, from, to int64, depth int) (parts int) {
	t.Helper()
	if p.Header < from || p.Body < p.Header || p.End < p.Body || p.End > to || depth > maxDepth+1 {
		t.Fatalf("part [%d %d %d] of [%d %d], depth %d", p.Header, p.Body, p.End, from, to, depth)
	}
	if p.Kind == Leaf && len(p.Children) != 0 || p.Kind == Rfc822 && len(p.Children) != 1 {
		t.Fatalf("kind %d with %d children", p.Kind, len(p.Children))
	}
	from, parts = p.Body, 1
	for i := range p.Children {
		parts += checkTree(t, &p.Children[i], from, p.End, depth+1)
		from = p.Children[i].End
	}
	return parts
}

// checkValue fails unless b is one well-formed IMAP value, a list, and nothing more.
func checkValue(t *testing.T, b []byte) {
	t.Helper()
	s := shortener{in: b}
	if s.value(false); s.at != len(b) || len(b) == 0 || b[0] != '(' || b[len(b)-1] != ')' {
		t.Fatalf("malformed wire text: %q", b)
	}
}

func FuzzParse(f *testing.F) {
	addMail(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(raw)
		if parts := checkTree(t, &m.Root, 0, int64(len(raw)), 0); parts > 2*maxParts {
			t.Fatalf("%d parts", parts)
		}
		checkValue(t, m.Envelope)
		checkValue(t, m.Structure)
		checkValue(t, AppendBody(nil, m.Structure))
		back, err := DecodeParts(m.Root.AppendBinary(nil))
		if err != nil || fmt.Sprint(back) != fmt.Sprint(m.Root) {
			t.Fatalf("parts: got %v, %v, want %v", back, err, m.Root)
		}
		if max := 64*len(raw) + 1024; len(m.Structure)+len(m.Envelope)+len(m.HeadText) > max {
			t.Fatalf("%d bytes made %d, %d and %d", len(raw), len(m.Structure), len(m.Envelope), len(m.HeadText))
		}
	})
}

func FuzzSearch(f *testing.F) {
	addMail(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(raw)
		var s Scratch
		for _, needle := range []string{"A", "\uFFFD", "IMPROBABLE TEXT"} {
			body := finds(&s, raw, &m.Root, []byte(needle), false)
			if text := finds(&s, raw, &m.Root, []byte(needle), true); body && !text {
				t.Fatalf("%q is in the body but not in the text", needle)
			}
			HeaderContains(raw[:m.Root.Body], "Subject", []byte(needle))
			HeadTextContains(m.HeadText, From, []byte(needle))
		}
		HeadTextContains(raw, From, []byte("A"))
	})
}

func FuzzAppendBody(f *testing.F) {
	for _, raw := range [][]byte{crlf(searched), mixedMail(200)} {
		f.Add(Parse(raw).Structure)
	}
	_, global := Global(crlf(globalMail))
	f.Add(global)
	f.Add([]byte(`((((("a" {99999999999}`))
	f.Fuzz(func(t *testing.T, structure []byte) {
		if got := AppendBody(nil, structure); len(got) > len(structure)+2*maxDepth+4 {
			t.Fatalf("%d bytes out of %d", len(got), len(structure))
		}
	})
}

func FuzzDecodeParts(f *testing.F) {
	for _, raw := range [][]byte{nil, crlf(searched), mixedMail(200)} {
		p := Parse(raw).Root
		f.Add(p.AppendBinary(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodeParts(b)
		if err != nil {
			return
		}
		again, err := DecodeParts(p.AppendBinary(nil))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(p) {
			t.Fatalf("got %v, %v, want %v", again, err, p)
		}
		var s Scratch
		s.Search([]byte("short"), &p, []Want{{Needle: []byte("X"), Headers: true}})
	})
}

func FuzzAppendHeaderFields(f *testing.F) {
	f.Add([]byte("From: a\r\nTo: b\r\n c\r\n\r\n"), "from")
	f.Fuzz(func(t *testing.T, header []byte, field string) {
		with := AppendHeaderFields(nil, header, []string{field}, false)
		without := AppendHeaderFields(nil, header, []string{field}, true)
		if len(with)+len(without) > len(header)+len("\r\n\r\n") {
			t.Fatalf("%q and %q out of %q", with, without, header)
		}
	})
}

func FuzzDate(f *testing.F) {
	f.Add([]byte("Mon, 2 Mar 2026 10:11:12 +0100 (x)"))
	f.Add([]byte("Mon Mar  2 10:11:12 EST 2026"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if unix, zone, ok := parseDate(b); ok && (unix < -1<<36 || unix > 1<<38 || zone < -1500 || zone > 1500) {
			t.Fatalf("%q: %d %d", b, unix, zone)
		}
	})
}
