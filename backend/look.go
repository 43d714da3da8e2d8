package backend

import "time"

// Look opens a mailbox for the time of one call, for reading only. An index that
// was not in memory before is not kept, so that looking through many mailboxes
// takes the memory of one.
func (a *Account) Look(name string, f func(*View) error) error {
	m, err := a.mailbox(name)
	if err != nil {
		return err
	}
	m.mu.RLock()
	loaded := m.idx != nil
	m.mu.RUnlock()
	v, err := a.Open(name, true, func() {})
	if err != nil {
		return err
	}
	defer func() {
		v.Close()
		if !loaded {
			m.evict(time.Now())
		}
	}()
	return f(v)
}

// Pinned is a query that was just searched in this view with its sequence numbers
// fixed to the messages that they mean now, so that it can be searched again when
// they mean others (RFC 5267, 4.3).
func (v *View) Pinned(q *Query) *Query {
	pinned := *q
	if q.Op == QuerySeqs {
		pinned.Op, pinned.Set = QueryUIDs, v.Ranges(Selection{spans: q.spans})
	}
	// What the search made would stay in memory with it.
	pinned.Sub, pinned.spans, pinned.group, pinned.known = nil, nil, nil, nil
	for _, sub := range q.Sub {
		pinned.Sub = append(pinned.Sub, v.Pinned(sub))
	}
	return &pinned
}
