package server

import (
	"net/netip"
	"sync"

	"satchel/server/accept"
)

// registry knows the sessions and counts them, in total and by address. It is
// safe for concurrent use; mu is held for a map operation only.
type registry struct {
	mu                   sync.Mutex
	maxTotal, maxAddress int                // guarded by mu
	admitted             int                // sessions and connections about to become one
	byAddr               map[netip.Addr]int // of these, from where; loopback is not counted
	sessions             map[*session]struct{}
	empty                chan struct{} // not nil once closed; closed when nothing is left
	in, out              uint64        // bytes of the sessions that have left
}

func (r *registry) init() {
	r.byAddr, r.sessions = map[netip.Addr]int{}, map[*session]struct{}{}
}

// limit says how many are admitted from now on.
func (r *registry) limit(total, address int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.maxTotal, r.maxAddress = total, address
}

// most is how many are admitted.
func (r *registry) most() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.maxTotal
}

// admit counts a connection from addr in, or says why not.
func (r *registry) admit(addr netip.Addr) (refused string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := accept.Network(addr)
	switch {
	case r.empty != nil:
		return stoppingText
	case r.admitted >= r.maxTotal:
		return "Too many connections"
	case !addr.IsLoopback() && r.byAddr[key] >= r.maxAddress:
		return "Too many connections from your address"
	}
	r.admitted++
	if !addr.IsLoopback() {
		r.byAddr[key]++
	}
	return ""
}

// enter notes the session of an admitted connection.
func (r *registry) enter(s *session) {
	r.mu.Lock()
	r.sessions[s] = struct{}{}
	stopping := r.empty != nil
	r.mu.Unlock()
	if stopping {
		s.wire.Shutdown(stoppingText)
	}
}

// leave counts the session's connection out.
func (r *registry) leave(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, s)
	in, out := s.wire.Traffic()
	r.in, r.out = r.in+in, r.out+out
	r.admitted--
	if key := accept.Network(s.remote); !s.remote.IsLoopback() {
		if r.byAddr[key]--; r.byAddr[key] <= 0 {
			delete(r.byAddr, key)
		}
	}
	r.signal()
}

// close admits nobody any more. The channel is closed when the last has left.
func (r *registry) close() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty == nil {
		r.empty = make(chan struct{})
		r.signal()
	}
	return r.empty
}

// count is the number of connections.
func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.admitted
}

// signal closes empty when it is time. Callers hold mu.
func (r *registry) signal() {
	if r.empty != nil && r.admitted == 0 {
		close(r.empty)
	}
}

// traffic adds up the bytes of all sessions, those that have left too, and calls f for
// each that is there. f must not block.
func (r *registry) traffic(f func(*session)) (in, out uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in, out = r.in, r.out
	for s := range r.sessions {
		received, sent := s.wire.Traffic()
		in, out = in+received, out+sent
		f(s)
	}
	return in, out
}

// each calls f for every session there is now, without the lock.
func (r *registry) each(f func(*session)) {
	r.mu.Lock()
	all := make([]*session, 0, len(r.sessions))
	for s := range r.sessions {
		all = append(all, s)
	}
	r.mu.Unlock()
	for _, s := range all {
		f(s)
	}
}
