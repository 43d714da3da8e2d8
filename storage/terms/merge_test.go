package terms

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

func merge(t testing.TB, keep *Set, segments ...*segment) *segment {
	t.Helper()
	out := &segment{span: Span{segments[0].span.First, segments[len(segments)-1].span.Last}}
	var parts []Part
	for _, s := range segments {
		parts = append(parts, s.part())
	}
	if err := Merge(parts, keep, out.keep); err != nil {
		t.Fatal(err)
	}
	return out
}

// Merging segments gives the same bytes as building one of the documents that are kept.
func TestMergeIsBuild(t *testing.T) {
	seeded(t, 20, func(t *testing.T, r *rand.Rand) {
		docs := randomDocuments(r, 3+r.IntN(300), int64(r.IntN(100)))
		var segments []*segment
		for rest := docs; len(rest) > 0; {
			n := 1 + r.IntN(min(len(rest), 1+len(docs)/3))
			segments = append(segments, segmentOf(t, rest[:n], nil))
			rest = rest[n:]
		}
		keep := new(Set)
		var kept []document
		for _, d := range docs {
			if r.IntN(3) > 0 {
				keep.Add(d.id)
				kept = append(kept, d)
			}
		}
		for set, docs := range map[*Set][]document{nil: docs, keep: kept} {
			got := merge(t, set, segments...)
			b := NewBuilder()
			build(b, docs, r)
			want := &segment{span: got.span}
			if err := b.Blocks(want.span.First, want.keep); err != nil {
				t.Fatal(err)
			}
			if !got.equal(want) {
				t.Fatalf("keep %v: the segments differ", set != nil)
			}
		}
	})
}

func TestMergeNothing(t *testing.T) {
	if err := Merge(nil, nil, nil); err != nil {
		t.Error(err)
	}
	docs := randomDocuments(rand.New(rand.NewPCG(5, 6)), 20, 0)
	if got := merge(t, new(Set), segmentOf(t, docs, nil)); len(got.blocks) != 0 {
		t.Errorf("%d blocks of no documents", len(got.blocks))
	}
}

func TestMergeRefuses(t *testing.T) {
	one := Block{Body, []byte("\x00A\x00B\x00"), []byte{0, 2}}
	ok := Span{10, 20}
	stop := errors.New("stop")
	tests := map[string]struct {
		spans  []Span
		blocks []Block
		want   error
	}{
		"meeting spans":    {[]Span{ok, {20, 30}}, nil, nil},
		"empty span":       {[]Span{{2, 1}}, nil, nil},
		"negative span":    {[]Span{{-1, 1}}, nil, nil},
		"no terms":         {[]Span{ok}, []Block{{Terms: []byte{0}}}, ErrCorrupt},
		"an empty term":    {[]Span{ok}, []Block{{Terms: []byte("\x00\x00A\x00"), Postings: []byte{0, 2}}}, ErrCorrupt},
		"no first 0x00":    {[]Span{ok}, []Block{{Terms: []byte("AAA\x00"), Postings: []byte{0}}}, ErrCorrupt},
		"no last 0x00":     {[]Span{ok}, []Block{{Terms: []byte("\x00AAA"), Postings: []byte{0}}}, ErrCorrupt},
		"terms descend":    {[]Span{ok}, []Block{{Terms: []byte("\x00B\x00A\x00"), Postings: []byte{0, 2}}}, ErrCorrupt},
		"blocks descend":   {[]Span{ok}, []Block{one, one}, ErrCorrupt},
		"unknown field":    {[]Span{ok}, []Block{{fields, one.Terms, one.Postings}}, ErrCorrupt},
		"few postings":     {[]Span{ok}, []Block{{Body, one.Terms, one.Postings[:1]}}, ErrCorrupt},
		"many postings":    {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 2, 4}}}, ErrCorrupt},
		"beyond the span":  {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 11 << 1}}}, ErrCorrupt},
		"list descends":    {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 2<<2 | 1, 1, 0}}}, ErrCorrupt},
		"list too far":     {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 2<<2 | 1, 5, 6}}}, ErrCorrupt},
		"list cut off":     {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 2<<2 | 1, 1}}}, ErrCorrupt},
		"bitmap too early": {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 2<<2 | 3, 0, 2}}}, ErrCorrupt},
		"bitmap too late":  {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 2<<2 | 3, 1, 32}}}, ErrCorrupt},
		"bitmap too long":  {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 4<<2 | 3, 0, 4, 0, 0}}}, ErrCorrupt},
		"bitmap too far":   {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 2<<2 | 3, 2, 1}}}, ErrCorrupt},
		"bitmap missing":   {[]Span{ok}, []Block{{Body, one.Terms, []byte{0, 1<<2 | 3, 0}}}, ErrCorrupt},
		"yield's error":    {[]Span{ok}, []Block{one}, stop},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var parts []Part
			for _, span := range tt.spans {
				s := segment{span, slices.Clone(tt.blocks)}
				parts = append(parts, s.part())
			}
			err := Merge(parts, nil, func(Block) error { return stop })
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// The reading of a part may fail.
func TestMergePartFails(t *testing.T) {
	stop := errors.New("stop")
	part := Part{Span{1, 2}, func() (Block, error) { return Block{}, stop }}
	if err := Merge([]Part{part}, nil, nil); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}
