package measure

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestHistogram: what is read is what a plain count says, whoever added it.
func TestHistogram(t *testing.T) {
	h := NewHistogram(1, 2, 10, 100)
	values := make([]uint64, 4000)
	for i := range values {
		values[i] = rand.Uint64N(150)
	}
	var adders sync.WaitGroup
	for part := range slices.Chunk(values, 1000) {
		adders.Go(func() {
			for _, v := range part {
				h.Add(v)
			}
		})
	}
	adders.Wait()
	want := Distribution{Bounds: []uint64{1, 2, 10, 100}, Counts: make([]uint64, 4), Count: uint64(len(values))}
	for _, v := range values {
		want.Sum += v
		for i, bound := range want.Bounds {
			if v <= bound {
				want.Counts[i]++
			}
		}
	}
	got := h.Read()
	if got.Count != want.Count || got.Sum != want.Sum || !slices.Equal(got.Counts, want.Counts) || !slices.Equal(got.Bounds, want.Bounds) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTimes(t *testing.T) {
	h := NewTimes()
	if !slices.IsSorted(h.bounds) {
		t.Errorf("bounds %v", h.bounds)
	}
	h.AddTime(time.Millisecond)
	h.AddTime(-time.Second) // a clock that was set back
	if got := h.Read(); got.Count != 2 || got.Sum != uint64(time.Millisecond) || got.Counts[0] != 1 {
		t.Errorf("%+v", got)
	}
	if n := testing.AllocsPerRun(100, func() { h.AddTime(time.Second) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
