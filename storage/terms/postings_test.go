package terms

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Documents are read as they were written, in every form, and none takes more than it should.
func TestPostings(t *testing.T) {
	seeded(t, 50, func(t *testing.T, r *rand.Rand) {
		span := Span{First: r.Int64N(1000)}
		span.Last = span.First + r.Int64N(5000)
		var written [][]int64
		var bytes []byte
		for range 20 {
			chance := r.Float64() * r.Float64()
			ids := []int64{span.First + r.Int64N(span.Last-span.First+1)}
			for id := ids[0] + 1; id <= span.Last; id++ {
				if r.Float64() < chance {
					ids = append(ids, id)
				}
			}
			var l list
			for _, id := range ids {
				l.add(id)
			}
			before := len(bytes)
			bytes = l.appendTo(bytes, span.First)
			room := int(span.Last-span.First)/8 + 6
			if n := len(bytes) - before; n > room || n > 4+2*len(ids)+2 {
				t.Fatalf("%d documents of %d to %d take %d bytes", len(ids), span.First, span.Last, n)
			}
			written = append(written, ids)
		}
		p := postings{span, bytes}
		for _, want := range written {
			again := p
			var got []int64
			if err := p.each(func(id int64) { got = append(got, id) }); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("read %v, want %v", got, want)
			}
			var set Set
			set.cover(span.First, span.Last)
			if err := again.into(&set); err != nil {
				t.Fatal(err)
			}
			if set.Len() != len(want) || slices.ContainsFunc(want, func(id int64) bool { return !set.Has(id) }) {
				t.Fatalf("the set differs from %v", want)
			}
			if len(again.rest) != len(p.rest) {
				t.Fatalf("%d and %d bytes are left", len(again.rest), len(p.rest))
			}
		}
		if len(p.rest) != 0 {
			t.Fatalf("%d bytes are left", len(p.rest))
		}
	})
}
