package backend

import "slices"

// Changes is what has happened to a mailbox since a client was last told.
type Changes struct {
	// Expunged are sequence numbers, highest first: sent in this order each is
	// right whatever went before.
	Expunged []uint32
	Vanished []UID // the same messages by their UIDs, ascending
	Arrived  bool  // EXISTS and RECENT are to be sent
	Exists   uint32
	New      uint32 // of these, how many arrived: the last ones
	Recent   uint32
	Flags    []Row    // whose flags the client does not know
	Keywords []string // all of the mailbox's, if there are new ones
	Gone     bool     // the mailbox was deleted; nothing else is set
	Withheld bool     // expunges are kept back: HighestModSeq is below what flags were told
}

// Pull brings the view up to date and says what to tell the client. With expunge
// false removed messages keep their sequence numbers until a later Pull, as
// RFC 3501, 7.4.1 asks while a FETCH, STORE or SEARCH is answered.
func (v *View) Pull(expunge bool) Changes {
	m := v.mailbox
	v.account.step.RLock()
	defer v.account.step.RUnlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone {
		return Changes{Gone: true}
	}
	x := m.idx
	var c Changes
	counted, last := len(v.uids), v.last
	if expunge && v.removedTo < x.removed {
		c.Expunged, c.Vanished = v.dropExpunged()
		counted = len(v.uids)
		m.trim()
	}
	v.takeArrivals()
	c.New = uint32(len(v.uids) - counted)
	c.Arrived = c.New > 0
	v.pulled = m.row.ModSeq
	if v.told < m.row.ModSeq && !v.holds {
		c.Flags = v.changedFlags(last)
		v.told = m.row.ModSeq
	}
	v.own, v.dirty, v.fetched = v.own[:0], nil, nil
	if n := len(m.row.Keywords); n > v.keywords {
		c.Keywords, v.keywords = m.row.Keywords, n
	}
	c.Withheld = v.removedTo < x.removed
	c.Exists = uint32(len(v.uids))
	if c.Arrived {
		c.Recent = v.Recent()
	}
	return c
}

// dropExpunged takes the expunged messages out of the picture and gives the
// sequence numbers they had, highest first, and their UIDs, ascending.
func (v *View) dropExpunged() (seqs []uint32, uids []UID) {
	x := v.mailbox.idx
	for i := len(x.goneOrder) - 1; i >= 0; i-- {
		uid := x.goneOrder[i]
		if x.gone[uid].modseq <= v.removedTo {
			break
		}
		if place, ok := slices.BinarySearch(v.uids, uid); ok {
			seqs, uids = append(seqs, uint32(place+1)), append(uids, uid)
		}
	}
	slices.SortFunc(seqs, func(a, b uint32) int { return int(b) - int(a) })
	slices.Sort(uids)
	n, _ := slices.BinarySearch(x.uid, v.last+1)
	v.align(n)
	v.removedTo = x.removed
	return seqs, uids
}

// takeArrivals appends the messages that came since.
func (v *View) takeArrivals() {
	m, x := v.mailbox, v.mailbox.idx
	n, _ := slices.BinarySearch(x.uid, v.last+1)
	if n == len(x.uid) {
		return
	}
	v.claim(x.uid[n], m.row.UIDNext)
	if v.removedTo == x.removed {
		v.align(len(x.uid))
		return
	}
	// Some expunge is untold: the picture is the client's own now.
	v.uids = append(v.uids[:len(v.uids):len(v.uids)], x.uid[n:]...)
	v.msgs = append(v.msgs[:len(v.msgs):len(v.msgs)], x.msg[n:]...)
	v.last = x.uid[len(x.uid)-1]
}

// changedFlags lists the messages up to UID last, those that the client knew
// before this Pull, whose flags others changed.
func (v *View) changedFlags(last UID) []Row {
	x := v.mailbox.idx
	n, _ := slices.BinarySearch(x.uid, last+1)
	var rows []Row
	x.changedSince(v.told, n, func(i int) {
		if slices.Contains(v.own, x.modseq[i]) && !v.dirty[x.uid[i]] || v.fetched[x.uid[i]] == x.modseq[i] {
			return
		}
		if place, ok := slices.BinarySearch(v.uids, x.uid[i]); ok {
			r := x.row(i)
			v.complete(&r, place)
			rows = append(rows, r)
		}
	})
	slices.SortFunc(rows, func(a, b Row) int { return int(a.Seq) - int(b.Seq) })
	return rows
}
