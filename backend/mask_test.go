package backend

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMask compares sets of places with lists of them.
func TestMask(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		var m mask
		var list []int
		density := rnd.IntN(10)
		for i := range MaxBatch {
			if rnd.IntN(10) < density {
				m.set(i)
				list = append(list, i)
			}
		}
		n := rnd.IntN(MaxBatch + 1)
		kept := min(n, len(list))
		for _, c := range []struct {
			name string
			got  mask
			want []int
		}{
			{"all", m, list},
			{"first", m.first(n), list[:kept]},
			{"last", m.last(n), list[len(list)-kept:]},
			{"below", m.and(firstOnes(n)), list[:lowerThan(list, n)]},
			{"from", m.without(firstOnes(n)), list[lowerThan(list, n):]},
			{"parts", m.first(n).or(m.last(len(list) - kept)), list},
		} {
			if got := slices.Collect(c.got.all()); !slices.Equal(got, c.want) || c.got.any() != (len(c.want) > 0) {
				t.Fatalf("%s %d: %v, want %v", c.name, n, got, c.want)
			}
		}
	}
}

// lowerThan is how many of an ascending list are below n.
func lowerThan(list []int, n int) int {
	i, _ := slices.BinarySearch(list, n)
	return i
}
