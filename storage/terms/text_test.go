package terms

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// alphabets has small ones, so that texts share much, and every kind of boundary.
var alphabets = [][]string{
	{"A", "B", "C", "0", "é"},
	{"HELLO", "WORLD", "A", "THE", "2024", " ", " "},
	{"A", "B", "/", "+", "=", "\r\n "},
	{"世", "界", "日", "本", "が", "𠮷", "。"},
	{"가", "나", "다", " ", "ᄀ", "ᅡ", "ᆫ"},
	{"ส", "วั", "ส", "ดี", " "},
	{"👨", "\u200d", "👩", "\ufe0f", "❤", "🏽"},
	{"E\u0301", "U\u0308", "\u0301", "A", "«", "»"},
	{"SUBJECT: ", "RE: ", "<", "@", ">", "EXAMPLE.ORG", "\r\n", "-"},
	{"\u00a0", "\u2028", "\x00", "\t", "\u3000", "\ufffd", "\xe4", "\xb8"},
}

// randomText makes a text of up to size pieces in several scripts.
func randomText(r *rand.Rand, size int) []byte {
	var text []byte
	for n := r.IntN(size + 1); n > 0; {
		alphabet := alphabets[r.IntN(len(alphabets))]
		k := 1 + r.IntN(8)
		if r.IntN(20) == 0 {
			k = 1 + r.IntN(300) // long runs
		}
		for range k {
			text = append(text, alphabet[r.IntN(len(alphabet))]...)
		}
		n -= k
	}
	return text
}

// document is what the model knows: the texts of each field.
type document struct {
	id    int64
	texts [fields][][]byte
}

func (d *document) contains(f Field, needle []byte) bool {
	return slices.ContainsFunc(d.texts[f], func(text []byte) bool { return bytes.Contains(text, needle) })
}

// randomDocuments makes documents whose ids ascend from first, with gaps.
func randomDocuments(r *rand.Rand, n int, first int64) []document {
	docs := make([]document, n)
	for i := range docs {
		first += int64(r.IntN(3))
		docs[i].id = first
		first++
		for range 1 + r.IntN(3) {
			f := Field(r.IntN(int(fields)))
			docs[i].texts[f] = append(docs[i].texts[f], randomText(r, 60))
		}
	}
	return docs
}

// build feeds the documents in pieces, or whole if r is nil.
func build(b *Builder, docs []document, r *rand.Rand) {
	for i := range docs {
		b.Begin(docs[i].id)
		for f, texts := range docs[i].texts {
			for _, text := range texts {
				for r != nil && len(text) > 0 && r.IntN(4) > 0 {
					n := r.IntN(min(len(text), 80) + 1)
					b.Add(Field(f), text[:n], false)
					text = text[n:]
				}
				b.Add(Field(f), text, true)
			}
		}
	}
}

// segment is one in memory.
type segment struct {
	span   Span
	blocks []Block
}

// keep is what collects the blocks that are yielded.
func (s *segment) keep(b Block) error {
	s.blocks = append(s.blocks, Block{b.Field, bytes.Clone(b.Terms), bytes.Clone(b.Postings)})
	return nil
}

func (s *segment) part() Part {
	rest := s.blocks
	return Part{s.span, func() (Block, error) {
		if len(rest) == 0 {
			return Block{}, io.EOF
		}
		b := rest[0]
		rest = rest[1:]
		return b, nil
	}}
}

func (s *segment) equal(o *segment) bool {
	return s.span == o.span && slices.EqualFunc(s.blocks, o.blocks, func(a, b Block) bool {
		return a.Field == b.Field && bytes.Equal(a.Terms, b.Terms) && bytes.Equal(a.Postings, b.Postings)
	})
}

// all gives the terms of a field, between blanks.
func (s *segment) all(f Field) string {
	var out []string
	for _, b := range s.blocks {
		if b.Field == f {
			out = append(out, strings.Split(strings.Trim(string(b.Terms), "\x00"), "\x00")...)
		}
	}
	return strings.Join(out, " ")
}

// segmentOf writes a segment of the documents, spanning a little more than them.
func segmentOf(t testing.TB, docs []document, r *rand.Rand) *segment {
	t.Helper()
	b := NewBuilder()
	build(b, docs, r)
	s := &segment{span: Span{docs[0].id, docs[len(docs)-1].id}}
	if err := b.Blocks(s.span.First, s.keep); err != nil {
		t.Fatal(err)
	}
	return s
}

// find looks a needle up in one field of several segments.
func find(t testing.TB, f *Finder, field Field, segments ...*segment) *Set {
	t.Helper()
	found := new(Set)
	for _, s := range segments {
		for _, b := range s.blocks {
			if b.Field != field || !f.Hits(b.Terms) {
				continue
			}
			if err := f.Look(s.span, b); err != nil {
				t.Fatal(err)
			}
		}
		f.Take(found)
	}
	return found
}

// seeded runs a test with several seeds, and names them.
func seeded(t *testing.T, n int, test func(t *testing.T, r *rand.Rand)) {
	for range n {
		seed := rand.Uint64()
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { test(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}
