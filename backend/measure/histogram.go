// Package measure counts things on hot paths: how long they took, how large they were. Nothing in it takes a lock or
// allocates memory while it counts, and everything may be used by several goroutines.
//
// It owns numbers, never what they are of, nor how they are shown: it imports nothing of ours, and of others only what
// counting takes.
package measure

import (
	"sync/atomic"
	"time"
)

// Histogram counts values by the bounds that they are within.
type Histogram struct {
	bounds []uint64
	counts []atomic.Uint64 // of values up to a bound and above the one before; the last are above all bounds
	sum    atomic.Uint64
}

// NewHistogram counts by bounds, which rise.
func NewHistogram(bounds ...uint64) *Histogram {
	return &Histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
}

// timeBounds are from a lookup in memory to what makes people wait.
var timeBounds = []uint64{
	uint64(100 * time.Microsecond), uint64(500 * time.Microsecond), uint64(time.Millisecond),
	uint64(2500 * time.Microsecond), uint64(5 * time.Millisecond), uint64(10 * time.Millisecond),
	uint64(25 * time.Millisecond), uint64(50 * time.Millisecond), uint64(100 * time.Millisecond),
	uint64(250 * time.Millisecond), uint64(time.Second), uint64(10 * time.Second),
}

// NewTimes counts times, in nanoseconds.
func NewTimes() *Histogram { return NewHistogram(timeBounds...) }

// Add counts a value.
func (h *Histogram) Add(v uint64) {
	i := 0
	for i < len(h.bounds) && v > h.bounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(v)
}

// AddTime counts a time.
func (h *Histogram) AddTime(d time.Duration) { h.Add(uint64(max(d, 0))) }

// Distribution is what a histogram has counted. Of one that is being added to, a value may be in Counts and not yet in
// Sum.
type Distribution struct {
	Bounds []uint64
	Counts []uint64 // of the values up to each bound
	Count  uint64   // of all
	Sum    uint64
}

// Read returns what was counted so far.
func (h *Histogram) Read() Distribution {
	d := Distribution{Bounds: h.bounds, Counts: make([]uint64, len(h.bounds))}
	for i := range h.counts {
		d.Count += h.counts[i].Load()
		if i < len(d.Counts) {
			d.Counts[i] = d.Count
		}
	}
	d.Sum = h.sum.Load()
	return d
}
