package terms

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// mail makes n messages of size bytes whose words are as often as in a language.
func mail(n, size int) [][]byte {
	r := rand.New(rand.NewPCG(11, 12))
	words := rand.NewZipf(r, 1.1, 8, 200000)
	texts := make([][]byte, n)
	for i := range texts {
		text := make([]byte, 0, size+64)
		for len(text) < size {
			w := words.Uint64() * 0x9e3779b97f4a7c15
			for range 2 + w%9 {
				text = append(text, "ETAOINSHRDLUCMFW"[w>>60])
				w <<= 4
			}
			text = append(text, ' ')
		}
		texts[i] = fmt.Appendf(text, "<%X@%d>", r.Uint64(), i)
	}
	return texts
}

// han makes n texts of size bytes in Chinese, in words as often as in a language, without punctuation.
func han(n, size int) [][]byte {
	r := rand.New(rand.NewPCG(15, 16))
	words := rand.NewZipf(r, 1.1, 8, 30000)
	texts := make([][]byte, n)
	for i := range texts {
		for len(texts[i]) < size {
			w := words.Uint64() * 0x9e3779b97f4a7c15
			for range 1 + w%3 {
				texts[i] = utf8.AppendRune(texts[i], 0x4e00+rune(w>>52))
				w <<= 12
			}
		}
	}
	return texts
}

func BenchmarkBuilder(b *testing.B) {
	const n, size = 2000, 4000
	for name, texts := range map[string][][]byte{"words": mail(n, size), "pairs": han(n, size)} {
		b.Run(name, func(b *testing.B) {
			builder := NewBuilder()
			b.SetBytes(n * size)
			for b.Loop() {
				builder.Reset()
				for i, text := range texts {
					builder.Begin(int64(i))
					builder.Add(Body, text, true)
				}
				if err := builder.Blocks(0, func(Block) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(builder.Memory())/n, "held/doc")
		})
	}
}

// BenchmarkLook goes through a vocabulary of 4 MB.
func BenchmarkLook(b *testing.B) {
	builder := NewBuilder()
	r := rand.New(rand.NewPCG(13, 14))
	for id := range int64(50000) {
		builder.Begin(id)
		for range 8 {
			builder.Add(Body, fmt.Appendf(nil, "%X THE %d ", r.Uint32(), r.IntN(1000)), true)
		}
	}
	s := &segment{span: Span{0, 49999}}
	if err := builder.Blocks(0, s.keep); err != nil {
		b.Fatal(err)
	}
	size := 0
	for _, block := range s.blocks {
		size += len(block.Terms)
	}
	for _, needle := range []string{"QUETZAL", "ABCDE", "HE", "E", "THE 77 "} {
		b.Run(needle, func(b *testing.B) {
			b.SetBytes(int64(size))
			f := NewFinder([]byte(needle))
			for b.Loop() {
				find(b, f, Body, s)
			}
		})
	}
}

func BenchmarkMerge(b *testing.B) {
	texts := mail(4000, 2000)
	var segments []*segment
	size := 0
	for i := 0; i < len(texts); i += 500 {
		docs := make([]document, 500)
		for j := range docs {
			docs[j].id = int64(i + j)
			docs[j].texts[Body] = texts[i+j : i+j+1]
		}
		s := segmentOf(b, docs, nil)
		for _, block := range s.blocks {
			size += len(block.Terms) + len(block.Postings)
		}
		segments = append(segments, s)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		var parts []Part
		for _, s := range segments {
			parts = append(parts, s.part())
		}
		if err := Merge(parts, nil, func(Block) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
