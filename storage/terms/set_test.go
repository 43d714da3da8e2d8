package terms

import (
	"math/rand/v2"
	"testing"
)

// A set is a map from ids, whatever is done to it.
func TestSet(t *testing.T) {
	seeded(t, 20, func(t *testing.T, r *rand.Rand) {
		var sets [3]Set
		models := [3]map[int64]bool{{}, {}, {}}
		for range 60 {
			a, b := r.IntN(3), r.IntN(3)
			switch r.IntN(4) {
			case 0, 1:
				low := r.Int64N(3000)
				for range r.IntN(100) {
					id := low + r.Int64N(500)
					sets[a].Add(id)
					models[a][id] = true
				}
			case 2:
				sets[a].Or(&sets[b])
				for id := range models[b] {
					models[a][id] = true
				}
			case 3:
				sets[a].And(&sets[b])
				for id := range models[a] {
					if !models[b][id] {
						delete(models[a], id)
					}
				}
			}
			compare(t, &sets[a], models[a])
		}
	})
}

func compare(t *testing.T, s *Set, model map[int64]bool) {
	t.Helper()
	if s.Len() != len(model) {
		t.Fatalf("%d ids, want %d", s.Len(), len(model))
	}
	for id := range int64(4000) {
		if s.Has(id) != model[id] {
			t.Fatalf("has %d: %v", id, s.Has(id))
		}
	}
	if s.Has(-1) || s.Has(1<<62) {
		t.Fatal("has an id that was never added")
	}
}
