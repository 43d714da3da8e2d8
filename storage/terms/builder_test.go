package terms

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	hex := strings.Repeat("0123456789ABCDEF", 10)
	tests := []struct{ text, want string }{
		{"", ""},
		{"HELLO, WORLD. HELLO!", "HELLO WORLD"},
		{"fi ﬁﬁ", "fi ﬁﬁ"},
		{"A\x00B-C_D'E\u2019F", "A B C D E F"},
		{"FU\u0308R «GRO\u0308ßE»", "FU\u0308R GRO\u0308ßE"},
		{"日本語", "日本 本語"},
		{"語", "語"},
		{"日本、語", "日本 語"},
		{"A日本B語", "A B 日本 語"},
		{"안녕 하세요", "안녕 하세요"},
		{"ไทย", "ทย ไท"},
		{"👨\u200d👩 ❤\ufe0f", "❤\ufe0f 👨 👩"},
		{hex[:64], hex[:64]},
		{hex[:65], hex[:64] + " " + hex[1:65]},
		{hex[:96], hex[:64]},
		{hex[:100], hex[:64] + " " + hex[4:68]},
		{"\xe4\xb8", "\xe4\xb8"},
	}
	for _, tt := range tests {
		var d document
		d.texts[Subject] = [][]byte{[]byte(tt.text)}
		if got := segmentOf(t, []document{d}, nil).all(Subject); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Where a text is cut into pieces does not matter, nor what was built before.
func TestPieces(t *testing.T) {
	b := NewBuilder()
	seeded(t, 20, func(t *testing.T, r *rand.Rand) {
		docs := randomDocuments(r, 1+r.IntN(50), int64(r.IntN(100)))
		want := segmentOf(t, docs, nil)
		build(b, docs, r)
		got := &segment{span: want.span}
		if err := b.Blocks(got.span.First, got.keep); err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if !got.equal(want) {
			t.Fatal("the segments differ")
		}
	})
}

// Texts of several fields may alternate.
func TestFieldsAlternate(t *testing.T) {
	b := NewBuilder()
	b.Begin(1)
	b.Add(Headers, []byte("SUBJ"), false)
	b.Add(Subject, []byte("HEL"), false)
	b.Add(Headers, []byte("ECT: HELLO"), false)
	b.Add(Subject, []byte("LO"), true)
	b.Add(Subject, []byte("AGAIN"), false)
	b.Begin(2)
	b.Add(Headers, []byte("X"), false)
	s := &segment{span: Span{1, 2}}
	if err := b.Blocks(1, s.keep); err != nil {
		t.Fatal(err)
	}
	if got := s.all(Headers) + "|" + s.all(Subject); got != "HELLO SUBJECT X|AGAIN HELLO" {
		t.Errorf("got %s", got)
	}
}

// Opaque documents leave no trace in the blocks.
func TestOpaque(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	docs := randomDocuments(r, 60, 0)
	b := NewBuilder()
	var kept []document
	var opaque []int64
	for i, d := range docs {
		build(b, docs[i:i+1], nil)
		switch i % 3 {
		case 0:
			kept = append(kept, d)
			continue
		case 1:
			b.Skip()
		case 2:
			if i > 6 {
				b.Skip()
				break
			}
			var numbers []byte
			for n := range 100000 {
				numbers = fmt.Appendf(numbers[:0], "X%dX%dX", i, n*7919)
				b.Add(Body, bytes.Repeat(numbers, 6), true)
			}
		}
		b.Add(Headers, []byte("NOT HEARD"), true)
		opaque = append(opaque, d.id)
	}
	got := &segment{span: Span{0, docs[59].id}}
	if err := b.Blocks(0, got.keep); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.Opaque(), opaque) {
		t.Errorf("opaque are %v, want %v", b.Opaque(), opaque)
	}
	b = NewBuilder()
	build(b, kept, nil)
	want := &segment{span: got.span}
	if err := b.Blocks(0, want.keep); err != nil {
		t.Fatal(err)
	}
	if !got.equal(want) {
		t.Error("the segments differ")
	}
}

// A document costs no more than it may, also if all of it is in one piece.
func TestOpaqueInOnePiece(t *testing.T) {
	var numbers []byte
	for n := range 1 << 20 {
		numbers = fmt.Appendf(numbers, "%07X ", n)
	}
	b := NewBuilder()
	b.Begin(1)
	b.Add(Body, numbers, true)
	if n := b.Memory(); len(b.Opaque()) != 1 || n > 32<<20 {
		t.Errorf("%d documents are opaque, %d bytes are held", len(b.Opaque()), n)
	}
}

// Terms are told apart by all of their bytes, whatever their hashes are.
func TestTableIs(t *testing.T) {
	terms := []string{"A", "AB", "ABCDEFGH", "ABCDEFGI", "ABCDEFGHI", "ABCDEFGHJ", "ABCDEFGHIJ"}
	b := NewBuilder()
	b.Begin(1)
	for _, term := range terms {
		b.Add(Body, []byte(term), true)
	}
	for n, one := range terms {
		for _, other := range terms {
			if b.tables[Body].is(uint32(n), headOf([]byte(other)), []byte(other)) != (one == other) {
				t.Errorf("%s and %s", one, other)
			}
		}
	}
}

func TestBlocksBounded(t *testing.T) {
	b := NewBuilder()
	for id := range int64(300) {
		b.Begin(id)
		for n := range 20000 {
			if n%int(id%7+1) == 0 {
				b.Add(Body, fmt.Appendf(nil, "W%d", n), true)
			}
		}
	}
	s := new(segment)
	if err := b.Blocks(0, s.keep); err != nil {
		t.Fatal(err)
	}
	for _, block := range s.blocks {
		if len(block.Terms) > maxTerms || len(block.Postings) > enoughPostings+300/8+4 {
			t.Errorf("a block of %d and %d bytes", len(block.Terms), len(block.Postings))
		}
	}
	if n := strings.Count(s.all(Body), " ") + 1; n != 20000 {
		t.Errorf("%d terms", n)
	}
}

func TestBlocksRefuses(t *testing.T) {
	for _, ids := range [][]int64{{5, 5}, {5, 4}, {1}, {-1}} {
		b := NewBuilder()
		for _, id := range ids {
			b.Begin(id)
		}
		if err := b.Blocks(2, nil); err == nil {
			t.Errorf("ids %v from 2", ids)
		}
	}
}

// Known terms cost no memory of their own.
func TestBuilderAllocates(t *testing.T) {
	text := randomText(rand.New(rand.NewPCG(9, 10)), 5000)
	b := NewBuilder()
	for id := range int64(3) {
		b.Begin(id)
		b.Add(Body, text, true)
	}
	if n := testing.AllocsPerRun(10, func() { b.Add(Body, text, true) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
