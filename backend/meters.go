package backend

import (
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"satchel/backend/measure"
)

// meters count what the backend does, for Stats.
type meters struct {
	logins     map[string]*outcomes // by method; the map never changes
	deliveries outcomes
	delivering *measure.Histogram // times
	commits    *measure.Histogram // times of transactions until they are on disk
	batches    *measure.Histogram // changes in a transaction
	failed     atomic.Uint64      // transactions
	overQuota  outcomes           // what was refused, by the resource
	searches   *measure.Histogram // times
	wakes      atomic.Uint64
	indexed    atomic.Uint64 // messages
}

func newMeters() *meters {
	m := &meters{
		logins:     map[string]*outcomes{passwordMethod: newOutcomes(loginResults)},
		deliveries: *newOutcomes(deliveryResults), overQuota: *newOutcomes(resourceNames),
		delivering: measure.NewTimes(), commits: measure.NewTimes(), searches: measure.NewTimes(),
		batches: measure.NewHistogram(1, 2, 4, 8, 16, 32, 64, 128, maxBatch),
	}
	for _, method := range AllMechanisms() {
		m.logins[method] = newOutcomes(loginResults)
	}
	return m
}

// outcomes count how something ended, by one of a few words.
type outcomes struct {
	words  []string
	counts []atomic.Uint64
}

func newOutcomes(words []string) *outcomes {
	return &outcomes{words, make([]atomic.Uint64, len(words))}
}

// add counts an end by its word; one that is not known is the last.
func (o *outcomes) add(word string) {
	i := slices.Index(o.words, word)
	if i < 0 {
		i = len(o.words) - 1
	}
	o.counts[i].Add(1)
}

func (o *outcomes) read() map[string]uint64 {
	counts := make(map[string]uint64, len(o.words))
	for i, word := range o.words {
		counts[word] = o.counts[i].Load()
	}
	return counts
}

// passwordMethod is how logins are counted that no SASL mechanism is the way of, such as
// the command LOGIN.
const passwordMethod = "password"

// loginResults are those of FailureReason, with all reasons of a token in one.
var loginResults = []string{"ok", "password", "token", "disabled", "attempts", "syntax", "trouble"}

// loggedIn counts an attempt to log in.
func (m *meters) loggedIn(method string, err error) {
	word := "ok"
	var refused *TokenRefused
	switch {
	case errors.As(err, &refused):
		word = "token"
	case err != nil:
		word = FailureReason(err)
	}
	m.logins[method].add(word)
}

var deliveryResults = []string{"ok", "nobody", "full", "quota", "trouble"}

// delivered counts the delivery to one recipient, which began at a time.
func (m *meters) delivered(began time.Time, err error) {
	word := "ok"
	switch {
	case errors.Is(err, ErrNotFound):
		word = "nobody"
	case errors.Is(err, ErrFull):
		word = "full"
	case errors.Is(err, ErrOverQuota):
		word = "quota"
	case err != nil:
		word = "trouble"
	}
	m.deliveries.add(word)
	m.delivering.AddTime(time.Since(began))
}
