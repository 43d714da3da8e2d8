package terms

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"
)

// What the texts contain is found, for any bytes.
func FuzzFind(f *testing.F) {
	f.Add([]byte("HELLO WORLD, 日本語 GRU\u0308ßE"), []byte("LO WO"), uint16(3), uint8(7))
	f.Add(bytes.Repeat([]byte("0123456789ABCDEF"), 9), []byte("日"), uint16(40), uint8(33))
	f.Add([]byte("A\xe4\xb8\x00\xb8\xad"), []byte("\xe4"), uint16(1), uint8(2))
	f.Fuzz(func(t *testing.T, text, other []byte, from uint16, size uint8) {
		docs := []document{{id: 3}, {id: 12}}
		docs[0].texts[Body] = [][]byte{text}
		docs[1].texts[Body] = [][]byte{other}
		s := segmentOf(t, docs, nil)
		start := min(int(from), len(text))
		needles := [][]byte{other, text[start:min(start+int(size), len(text))]}
		for _, needle := range needles {
			if utf8.Valid(needle) {
				check(t, needle, docs, s)
			}
		}
		split := NewBuilder()
		for _, d := range docs {
			split.Begin(d.id)
			n := min(start, len(d.texts[Body][0]))
			split.Add(Body, d.texts[Body][0][:n], false)
			split.Add(Body, d.texts[Body][0][n:], true)
		}
		pieces := &segment{span: s.span}
		if err := split.Blocks(s.span.First, pieces.keep); err != nil {
			t.Fatal(err)
		}
		if !pieces.equal(s) {
			t.Fatalf("%q cut at %d: %v, want %v", text, start, pieces, s)
		}
	})
}

// Bytes that no Builder made give an error or some documents of the span.
func FuzzLook(f *testing.F) {
	f.Add([]byte("\x00A\x00AB\x00B\x00"), []byte{2, 2<<2 | 1, 1, 3, 3<<2 | 3, 0, 4, 1}, []byte("A"), int64(2), uint16(30))
	f.Add([]byte("\x00\x00A\x00"), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, []byte(" A"), int64(0), uint16(9))
	f.Fuzz(func(t *testing.T, terms, postings, needle []byte, first int64, length uint16) {
		span := Span{first, first + int64(length)}
		finder := NewFinder(needle)
		err := finder.Look(span, Block{Body, terms, postings})
		if err != nil && !errors.Is(err, ErrCorrupt) {
			t.Fatal(err)
		}
		if err != nil || !span.valid() {
			return
		}
		var found, all Set
		finder.Take(&found)
		for id := span.First; id <= span.Last && id >= 0; id++ {
			all.Add(id)
		}
		n := found.Len()
		if found.And(&all); found.Len() != n {
			t.Fatalf("%d of %d documents found are within the span", found.Len(), n)
		}
	})
}

// What Merge lets through, it writes so that merging it again gives the same.
func FuzzMerge(f *testing.F) {
	f.Add([]byte("\x00A\x00AB\x00B\x00"), []byte{2, 2<<2 | 1, 1, 3, 3<<2 | 3, 0, 4, 1}, []byte("\x00B\x00"), []byte{0}, uint8(0), uint8(0))
	f.Add([]byte("\x00A\x00"), []byte{2}, []byte("\x00B\x00"), []byte{0}, uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, terms, postings, moreTerms, morePostings []byte, field, same uint8) {
		a := &segment{span: Span{5, 40}, blocks: []Block{{Field(field), terms, postings}}}
		b := &segment{span: Span{41, 300}, blocks: []Block{{Field(field), moreTerms, morePostings}}}
		parts := []Part{a.part(), b.part()}
		if same&1 != 0 {
			a.blocks = append(a.blocks, b.blocks...)
			parts = []Part{a.part()}
		}
		out := &segment{span: Span{5, 300}}
		if err := Merge(parts, nil, out.keep); err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		if again := merge(t, nil, out); !again.equal(out) {
			t.Fatalf("%v merged again is %v", out, again)
		}
	})
}
