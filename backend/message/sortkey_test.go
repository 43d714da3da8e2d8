package message

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func keysOf(header string) SortKeys { return HeaderSortKeys(crlf(header + "\n")) }

func TestSortText(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		header string
		which  SortText
		want   string
	}{
		{"Subject: Re: Hello", SortSubject, "HELLO"},
		{"Subject: =?utf-8?q?R=45:_gr=C3=BC=C3=9Fe?=", SortSubject, "GRU\u0308\u00dfE"},
		{"Subject: =?utf-8?q?[list]__a=09b?=\n  =?utf-8?q?c?=", SortSubject, "A BC"},
		{"Subject: a\n\t b", SortSubject, "A B"},
		{"Subject:", SortSubject, ""},
		{"To: x@y", SortSubject, ""},
		{"Subject: caf\xe9", SortSubject, "\xffcaf\xe9"},
		{"From: Ann Smith <Ann@example.org>, bob@example.org", SortFrom, "ANN"},
		{"From: ann@example.org (Ann)", SortFrom, "ANN"},
		{"From: Friends: ann@example.org;", SortFrom, "FRIENDS"},
		{"From: , ann@example.org", SortFrom, "ANN"},
		{"From: \"a b\"@c", SortFrom, "A B"},
		{"Subject: x", SortFrom, ""},
		{"To: a@b\nTo: c@d", SortTo, "A"},
		{"Cc: z@b", SortCc, "Z"},
		// RFC 5957, 3.
		{"From: Ann Smith <z@example.org>", SortDisplayFrom, "ANN SMITH"},
		{"From: =?utf-8?q?J=C3=B6rg?= <z@example.org>", SortDisplayFrom, "JO\u0308RG"},
		{"From: z@Example.org", SortDisplayFrom, "Z@EXAMPLE.ORG"},
		{"From: \"\" <z@example.org>", SortDisplayFrom, "Z@EXAMPLE.ORG"},
		{"From: =?utf-8?q??= <z@example.org>", SortDisplayFrom, "Z@EXAMPLE.ORG"},
		{"From: z", SortDisplayFrom, "Z"},
		{"From: \"\" Ann \" Smith\" <z@example.org>", SortDisplayFrom, " ANN  SMITH"},
		{"From: Friends: ann@example.org;", SortDisplayFrom, "FRIENDS"},
		{"To: Bob <b@c>", SortDisplayTo, "BOB"},
		{"Subject: x", SortDisplayTo, ""},
	}
	for _, tt := range tests {
		if got := keysOf(tt.header).Text(tt.which); string(got) != tt.want {
			t.Errorf("%q: got %q, want %q", tt.header, got, tt.want)
		}
	}
	one, other := keysOf("Subject: "+long+"1").Text(SortSubject), keysOf("Subject: "+long+"2").Text(SortSubject)
	if len(one) != maxSortText || bytes.Equal(one, other) || !bytes.Equal(one, keysOf("Subject: re: "+long+"1").Text(SortSubject)) {
		t.Errorf("long subjects: %q and %q", one, other)
	}
}

// RFC 5256, 2.2.
func TestSortSent(t *testing.T) {
	tests := []struct {
		header string
		want   int64
		ok     bool
	}{
		{"Date: Thu, 1 Jan 1970 01:00:00 +0100", 0, true},
		{"Date: Wed, 31 Dec 1969 23:00:00 -0100", 0, true},
		{"Date: 1 Jan 1970 00:00:10 +9999", 10, true},
		{"Date: 2 Jan 1970 25:99:00 +0000", 86400, true},
		{"Date: 1 Jan 1970", 0, true},
		{"Date: tomorrow", 0, false},
		{"Subject: x", 0, false},
	}
	for _, tt := range tests {
		if got, ok := keysOf(tt.header).Sent(); got != tt.want || ok != tt.ok {
			t.Errorf("%q: got %d, %v, want %d, %v", tt.header, got, ok, tt.want, tt.ok)
		}
	}
}

// RFC 5256, 3, REFERENCES.
func TestSortReferences(t *testing.T) {
	id := func(text string) ID { return keysOf("Message-ID: " + text).ID() }
	a, b := id("<a@x>"), id("<b@x>")
	if a == 0 || b == 0 || a == b || a == id("<A@x>") {
		t.Fatalf("IDs %d %d", a, b)
	}
	for _, same := range []string{`<"a"@x>`, "< a @ x >", "junk <a@x> junk", "<broken <a@x>", "<@x> <a@> <a> <a@x>", `<"\a"@x>`, "(c) <a@\n x>"} {
		if id(same) != a {
			t.Errorf("%q is another Message-ID", same)
		}
	}
	for _, none := range []string{"", "a@x", "<a>", "<a@x", "<>", `<"a@x>`} {
		if id(none) != 0 {
			t.Errorf("%q is a Message-ID", none)
		}
	}
	tests := []struct {
		header string
		want   []ID
	}{
		{"References: <a@x> junk\n\t<b@x>", []ID{a, b}},
		{"References: <a@x><b@x>\nIn-Reply-To: <c@x>", []ID{a, b}},
		{"References: junk\nIn-Reply-To: <b@x> <a@x>", []ID{b}},
		{"In-Reply-To: your mail of Monday <b@x>", []ID{b}},
		{"In-Reply-To: junk", nil},
		{"Subject: x", nil},
	}
	for _, tt := range tests {
		if got := keysOf(tt.header).AppendReferences(nil); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %v, want %v", tt.header, got, tt.want)
		}
	}
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, " <%d@x>", i)
	}
	got := keysOf("References:" + many.String()).AppendReferences(nil)
	if len(got) > maxReferences || got[0] != id("<0@x>") || got[len(got)-1] != id("<4999@x>") {
		t.Errorf("%d references kept", len(got))
	}
}

// RFC 5256, 3: the original subject tells a reply.
func TestSortReply(t *testing.T) {
	if !keysOf("Subject: Re: x").Reply() || keysOf("Subject: [list] x").Reply() {
		t.Error("Reply is wrong")
	}
}

// Keys of another version count as none.
func TestSortKeysVersion(t *testing.T) {
	k := keysOf("Date: 1 Jan 1970 00:00:10 +0000\nSubject: Re: x\nMessage-ID: <a@b>")
	k[0]++
	if _, ok := k.Sent(); ok || k.Current() || k.Reply() || k.ID() != 0 || k.Text(SortSubject) != nil {
		t.Error("keys of another version were read")
	}
}

// checkSortKeys fails unless the keys of a message made on arrival are those made of its header.
func checkSortKeys(t *testing.T, raw []byte) {
	t.Helper()
	m := Parse(raw)
	late := HeaderSortKeys(raw[:m.Root.Body])
	if !bytes.Equal(m.SortKeys, late) {
		t.Fatalf("on arrival %q, later %q", m.SortKeys, late)
	}
	if !late.Current() || len(late.AppendReferences(nil)) > maxReferences {
		t.Fatalf("keys %q", late)
	}
	for which := range sortTexts {
		if late.Text(which) == nil {
			t.Fatalf("no text %d in %q", which, late)
		}
	}
}

func FuzzSortKeys(f *testing.F) {
	addMail(f)
	f.Add([]byte("Message-ID: <a@b>\r\nReferences: <\"c\"@d> (x) <e @ f>\r\nSubject: [x] Re: [fwd: y]\r\nDate: 1 Jan 70 99:99\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		checkSortKeys(t, raw)
		damaged := SortKeys(append([]byte{sortVersion}, raw...))
		damaged.Sent()
		damaged.ID()
		damaged.AppendReferences(nil)
		for which := range sortTexts {
			damaged.Text(which)
		}
	})
}

func TestSortKeysOfCorpus(t *testing.T) {
	for _, raw := range seeds() {
		checkSortKeys(t, raw)
	}
	corpus := filepath.Join(os.Getenv("SHARED"), "corpus")
	if _, err := os.Stat(corpus); err != nil { // the seeds have to do
		return
	}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".eml" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil {
			checkSortKeys(t, raw)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkSortKeys(b *testing.B) {
	m := Parse(plainMail(8 << 10))
	header := plainMail(8 << 10)[:m.Root.Body]
	b.ReportAllocs()
	for b.Loop() {
		HeaderSortKeys(header)
	}
}
