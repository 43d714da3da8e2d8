package storage

import (
	"maps"
	"math"
	"math/rand/v2"
	"testing"
)

// TestMatches compares sets of messages with maps.
func TestMatches(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	type set struct {
		*Matches
		model map[MessageID]bool
	}
	random := func() set {
		s := set{NewMatches(MessageID(rnd.IntN(50000)), rnd.IntN(4) > 0), map[MessageID]bool{}}
		width := 1 + rnd.Int64N(60000)
		for range rnd.IntN(2000) {
			id := MessageID(1 + rnd.Int64N(width))
			s.Add(id)
			s.model[id] = true
		}
		return s
	}
	check := func(what string, m *Matches, model map[MessageID]bool) {
		t.Helper()
		for id := MessageID(0); id < 61000; id++ {
			if m.Has(id) != model[id] {
				t.Fatalf("%s: Has(%d) is %v", what, id, m.Has(id))
			}
		}
	}
	for range 60 {
		a, b := random(), random()
		covered, exact := min(a.Covered(), b.Covered()), a.Exact() && b.Exact()
		check("added", a.Matches, a.model)
		if rnd.IntN(2) == 0 {
			a.Or(b.Matches)
			maps.Copy(a.model, b.model)
		} else {
			a.And(b.Matches)
			maps.DeleteFunc(a.model, func(id MessageID, _ bool) bool { return !b.model[id] })
		}
		check("combined", a.Matches, a.model)
		check("other", b.Matches, b.model)
		if a.Covered() != covered || a.Exact() != exact {
			t.Fatalf("covered %d, exact %v, want %d, %v", a.Covered(), a.Exact(), covered, exact)
		}
	}
}

// TestMatchesFarApart: what a set takes depends on its members, not on how large their
// IDs are.
func TestMatchesFarApart(t *testing.T) {
	m := NewMatches(math.MaxInt64, true)
	for _, id := range []MessageID{math.MaxInt64, 1, 1 << 40} {
		m.Add(id)
	}
	if len(m.pages) != 3 || !m.Has(1) || !m.Has(1<<40) || !m.Has(math.MaxInt64) || m.Has(2) || m.Has(1<<40+4096) {
		t.Errorf("%d pages of %d", len(m.pages), m.numbers)
	}
}
