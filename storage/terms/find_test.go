package terms

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// randomNeedle takes some characters out of the texts, or makes some up.
func randomNeedle(r *rand.Rand, docs []document) []byte {
	d := &docs[r.IntN(len(docs))]
	for _, texts := range d.texts {
		if len(texts) == 0 || r.IntN(2) == 0 || len(texts[0]) == 0 {
			continue
		}
		text := texts[0]
		from := r.IntN(len(text))
		for from < len(text) && !utf8.RuneStart(text[from]) {
			from++
		}
		to := from
		size := 1 + r.IntN(4)
		if r.IntN(3) == 0 {
			size = r.IntN(90)
		}
		for ; size > 0 && to < len(text); size-- {
			_, n := utf8.DecodeRune(text[to:])
			to += n
		}
		return text[from:to]
	}
	return randomText(r, 4)
}

// check compares what is found with what the documents contain.
func check(t *testing.T, needle []byte, docs []document, segments ...*segment) {
	t.Helper()
	f := NewFinder(needle)
	for field := range fields {
		found := find(t, f, field, segments...)
		n := 0
		for i := range docs {
			d := &docs[i]
			has, got := d.contains(field, needle), f.Any() || found.Has(d.id)
			if got {
				n++
			}
			if has && !got || got && !has && f.Exact() {
				t.Fatalf("needle %q, field %d, document %d %q: found %v, exact %v", needle, field, d.id, d.texts[field], got, f.Exact())
			}
		}
		if !f.Any() && n != found.Len() {
			t.Fatalf("needle %q, field %d: found %d documents, %d of them there are", needle, field, found.Len(), n)
		}
	}
}

// What is found is what the texts contain, whatever the segments and however they were merged.
func TestFind(t *testing.T) {
	seeded(t, 40, func(t *testing.T, r *rand.Rand) {
		docs := randomDocuments(r, 2+r.IntN(40), int64(r.IntN(200)))
		var segments []*segment
		for rest := docs; len(rest) > 0; {
			n := 1 + r.IntN(len(rest))
			segments = append(segments, segmentOf(t, rest[:n], r))
			rest = rest[n:]
		}
		for len(segments) > 0 {
			for range 100 {
				check(t, randomNeedle(r, docs), docs, segments...)
			}
			if len(segments) == 1 {
				break
			}
			from := r.IntN(len(segments) - 1)
			to := from + 2 + r.IntN(len(segments)-from-1)
			merged := merge(t, nil, segments[from:to]...)
			segments = append(segments[:from:from], append([]*segment{merged}, segments[to:]...)...)
		}
	})
}

// A needle of one term is answered exactly, wherever in a long run it is.
func TestFindInLongRun(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	run := make([]byte, 400)
	for i := range run {
		run[i] = "0123456789ABCDEF"[r.IntN(16)]
	}
	for size := 1; size < len(run); size++ {
		docs := []document{{id: 7}}
		docs[0].texts[Body] = [][]byte{run[:size]}
		s := segmentOf(t, docs, r)
		for from := range size {
			for _, n := range []int{8, certain, certain + 1, window, window + 1} {
				if from+n <= size {
					check(t, run[from:from+n], docs, s)
				}
			}
		}
		check(t, append([]byte(" "), run[:min(size, 70)]...), []document{{id: 7}}, s)
	}
}

func TestFinderKinds(t *testing.T) {
	tests := []struct {
		needle     string
		exact, any bool
		patterns   string
	}{
		{"", false, true, ""},
		{" .,\u2014\u3002", false, true, ""},
		{"\xe4", false, true, ""},
		{"E", true, false, "E|"},
		{"GRU\u0308ßE", true, false, "GRU\u0308ßE|"},
		{"0123456789ABCDEF0123456789ABCDEF0", true, false, "0123456789ABCDEF0123456789ABCDEF0|"},
		{"0123456789ABCDEF0123456789ABCDEF01", false, false, "0123456789ABCDEF0123456789ABCDEF0|"},
		{"HELLO ", false, false, "HELLO_|"},
		{" HELLO", false, false, "_HELLO|"},
		{"LO BIG WOR", false, false, "_BIG_|_WOR|LO_|"},
		{"世", true, false, "世|"},
		{"世界", true, false, "世界|"},
		{"日本語", false, false, "日本|本語|"},
		{"A日本", false, false, "日本|A_|"},
		{"A日B", false, false, "_日_|A_|_B|"},
		{"안녕하세요", true, false, "안녕하세요|"},
		{"A B C D E F G H I J", false, false, "_B_|_C_|_D_|_E_|_F_|_G_|_H_|_I_|"},
	}
	for _, tt := range tests {
		f := NewFinder([]byte(tt.needle))
		var patterns []byte
		for _, p := range f.pieces {
			patterns = append(append(patterns, bytes.ReplaceAll(p.pattern, separators, []byte("_"))...), '|')
		}
		if f.Exact() != tt.exact || f.Any() != tt.any || string(patterns) != tt.patterns {
			t.Errorf("%q: exact %v, any %v, %s", tt.needle, f.Exact(), f.Any(), patterns)
		}
	}
}

// All pieces are in the same field of a document.
func TestTakeBeginsAnew(t *testing.T) {
	d := document{id: 1}
	d.texts[Body] = [][]byte{[]byte("B")}
	d.texts[Headers] = [][]byte{[]byte("A")}
	s := segmentOf(t, []document{d}, nil)
	f := NewFinder([]byte("A B"))
	for _, field := range []Field{Body, Headers, Body} {
		if n := find(t, f, field, s).Len(); n != 0 {
			t.Errorf("found %d in field %d", n, field)
		}
	}
}

func TestFindAllocates(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := segmentOf(t, randomDocuments(r, 200, 0), nil)
	f := NewFinder([]byte("A"))
	found := find(t, f, Body, s)
	if found.Len() == 0 {
		t.Fatal("found nothing")
	}
	if n := testing.AllocsPerRun(10, func() { find(t, f, Body, s) }); n > 3 {
		t.Errorf("looking through %d blocks allocates %v times", len(s.blocks), n)
	}
}
