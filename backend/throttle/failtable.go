package throttle

import (
	"math"
	"slices"
	"sync"
	"time"
)

// failTable counts failures by key in a fixed number of slots. Where a bucket is
// full the key with the fewest failures makes way.
type failTable struct {
	mu    sync.Mutex
	slots []failSlot // buckets of bucketSize; guarded by mu
}

const bucketSize = 8

// failSlot is what is known of one key. Times are Unix nanoseconds.
type failSlot struct {
	key   uint64    // 0 is an empty slot
	count float64   // failures, as of at
	at    int64     // the last change
	next  int64     // the earliest time of the next attempt
	known int64     // until when the owner is known here
	wrong [4]uint64 // hashes of the last wrong passwords, the latest first
}

// newFailTable makes a table of n slots, a power of two. A slot is 72 bytes.
func newFailTable(n int) *failTable {
	return &failTable{slots: make([]failSlot, n)}
}

// bucket returns the slots where the key may be. Callers hold mu.
func (t *failTable) bucket(key uint64) []failSlot {
	n := uint64(len(t.slots) / bucketSize)
	i := (key >> 32) % n * bucketSize
	return t.slots[i : i+bucketSize]
}

// find returns the key's slot with its count as of now, nil when there is none.
// Callers hold mu.
func (t *failTable) find(key uint64, now time.Time) *failSlot {
	b := t.bucket(key)
	for i := range b {
		if b[i].key == key {
			b[i].decay(now)
			return &b[i]
		}
	}
	return nil
}

// take is find that makes room for a new key. Callers hold mu.
func (t *failTable) take(key uint64, now time.Time) *failSlot {
	if s := t.find(key, now); s != nil {
		return s
	}
	b := t.bucket(key)
	least := 0
	for i := range b {
		b[i].decay(now)
		if b[i].worth(now) < b[least].worth(now) {
			least = i
		}
	}
	b[least] = failSlot{key: key, at: now.UnixNano()}
	return &b[least]
}

// decay brings the count down to what it is worth now.
func (s *failSlot) decay(now time.Time) {
	if past := now.UnixNano() - s.at; past > 0 {
		s.count *= math.Exp2(-float64(past) / float64(halfLife))
		s.at += past
	}
}

// worth orders slots by what would be lost with them.
func (s *failSlot) worth(now time.Time) float64 {
	switch {
	case s.key == 0:
		return -1
	case s.known > now.UnixNano():
		return maxCount + s.count
	}
	return s.count
}

// pause is how far apart attempts are after that many failures.
func (l limit) pause(count float64) time.Duration {
	if count < l.free || l.most == 0 {
		return 0
	}
	doublings := min(int(count-l.free), 30)
	return min(firstPause<<doublings, l.most)
}

// reserve gives the next attempt its turn and says how far away that is; not ok
// when it is beyond maxWait, in which case nothing is reserved.
func (t *failTable) reserve(key uint64, l limit, now time.Time) (wait time.Duration, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.find(key, now)
	if s == nil || s.count < l.free {
		return 0, true
	}
	turn := max(s.next, now.UnixNano())
	wait = time.Duration(turn - now.UnixNano())
	if wait > maxWait {
		return 0, false
	}
	s.next = turn + int64(l.pause(s.count))
	return wait, true
}

// fail adds weight to the failures, unless wrong, a hash of the password or 0, is among the
// last ones. It reports whether it counted.
func (t *failTable) fail(key, wrong uint64, weight float64, l limit, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.take(key, now)
	if wrong != 0 {
		if slices.Contains(s.wrong[:], wrong) {
			return false
		}
		copy(s.wrong[1:], s.wrong[:])
		s.wrong[0] = wrong
	}
	s.count = min(s.count+weight, maxCount)
	s.next = max(s.next, now.UnixNano()+int64(l.pause(s.count)))
	return true
}

// forgive takes failures back.
func (t *failTable) forgive(key uint64, count float64, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.find(key, now); s != nil {
		s.count = max(0, s.count-count)
	}
}

// know marks the key as known and returns the failures it had, which are
// forgotten.
func (t *failTable) know(key uint64, now time.Time) (forgiven float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.take(key, now)
	forgiven, s.count = s.count, 0
	s.known = now.Add(knownFor).UnixNano()
	return forgiven
}

// isKnown reports whether know was called for the key, and not long ago.
func (t *failTable) isKnown(key uint64, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.find(key, now)
	return s != nil && s.known > now.UnixNano()
}
