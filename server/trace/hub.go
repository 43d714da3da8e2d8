// Package trace shows what is said in sessions, as it goes by, to who administers the server.
//
// It owns the watchers, what each of them has not taken yet, and what nobody gets to see: passwords, tokens and the values
// of annotations are never put into an event. It never holds a session up: what a slow watcher cannot take is dropped and
// counted. A Hub and its Watchers are safe for concurrent use; a Tap belongs to its session's goroutine.
package trace

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"satchel/server/presence"
)

// Event is a line of a session.
type Event struct {
	At      time.Time
	Session string // its id
	From    string // Client, Server or Remark
	Text    string // printable, without its line end
	content bool   // it is of a literal
	size    bool   // it tells how long a literal was
}

// Who an event is from.
const (
	Client = "C"
	Server = "S"
	Remark = "-" // about the session
)

// Bounds on watchers. What waits for one of them takes less than twice maxWaiting.
const (
	maxWatchers = 16
	maxWaiting  = 1 << 20 // bytes
	eventCost   = 100     // bytes, besides the text
)

// ErrCrowded says that there are as many watchers as there may be.
var ErrCrowded = errors.New("too many traces at a time")

// Hub brings sessions and watchers together.
type Hub struct {
	secrets secrets
	changes atomic.Uint64 // how often watchers have come or gone

	mu       sync.Mutex
	watchers []*Watcher // guarded by mu
}

// New makes a hub for a protocol of these commands and SASL mechanisms.
func New(commands, mechanisms []string) *Hub { return &Hub{secrets: newSecrets(commands, mechanisms)} }

// Changes counts how often watchers have come or gone: a session that has seen this number has nothing to ask Tap for.
func (h *Hub) Changes() *atomic.Uint64 { return &h.changes }

// Watch begins to watch the sessions that the filter means, with the contents of literals if they are wanted. The caller
// closes the watcher.
func (h *Hub) Watch(f presence.Filter, literals bool) (*Watcher, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.watchers) >= maxWatchers {
		return nil, ErrCrowded
	}
	w := &Watcher{hub: h, filter: f, literals: literals, ready: make(chan struct{}, 1)}
	h.watchers = append(h.watchers, w)
	h.changes.Add(1)
	return w, nil
}

// Tap gives who watches a session, nil when nobody does.
func (h *Hub) Tap(p *presence.Session) *Tap {
	h.mu.Lock()
	defer h.mu.Unlock()
	var watchers []*Watcher
	contents := false
	for _, w := range h.watchers {
		if w.filter.Matches(p) {
			watchers = append(watchers, w)
			contents = contents || w.literals
		}
	}
	if watchers == nil {
		return nil
	}
	t := &Tap{session: p.ID, secrets: h.secrets, watchers: watchers, contents: contents}
	t.client.tap, t.server.tap = t, t
	t.client.from, t.server.from = Client, Server
	t.hidden = true // until a command begins
	return t
}

// Watcher is one who watches.
type Watcher struct {
	hub      *Hub
	filter   presence.Filter
	literals bool
	ready    chan struct{} // has room for one

	mu      sync.Mutex
	waiting []Event // guarded by mu
	bytes   int     // of them; guarded by mu
	dropped int     // events since the last Take; guarded by mu
	closed  bool    // guarded by mu
}

// put has the watcher told of an event, unless it does not want it or has too many waiting.
func (w *Watcher) put(e *Event) {
	if e.content && !w.literals || e.size && w.literals {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	cost := len(e.Text) + eventCost
	switch {
	case w.closed:
		return
	case w.bytes+cost > maxWaiting || w.dropped > 0:
		w.dropped++
	default:
		w.waiting, w.bytes = append(w.waiting, *e), w.bytes+cost
	}
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// Ready has something in it when it is time for Take.
func (w *Watcher) Ready() <-chan struct{} { return w.ready }

// Take gives all that has happened since it was last called, and how many events after these were dropped.
func (w *Watcher) Take() (events []Event, dropped int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	events, dropped = w.waiting, w.dropped
	w.waiting, w.bytes, w.dropped = nil, 0, 0
	return events, dropped
}

// Close ends the watching.
func (w *Watcher) Close() {
	h := w.hub
	h.mu.Lock()
	h.watchers = slices.DeleteFunc(h.watchers, func(x *Watcher) bool { return x == w })
	h.mu.Unlock()
	h.changes.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed, w.waiting = true, nil
}
