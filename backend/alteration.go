package backend

import (
	"slices"

	"satchel/storage"
)

// alteration is one change of flags on its way through the writer.
type alteration struct {
	StoreRequest
	keywords []string // canonical

	uids    []UID  // whose flags really change, ascending
	modseq  ModSeq // that they get
	changes []storage.FlagChange
	kinds   map[string]int // places in changes of those that replace keywords, by these
	keeping int            // and of the one that leaves them, or -1
	rows    []newFlags     // what the index gets, beside uids

	modified []UID // left alone, ascending
	vanished bool  // some of them are gone
}

type newFlags struct {
	flags    Flags
	keywords string
}

// alter changes flags through the writer.
func (v *View) alter(uids []UID, req StoreRequest) (*alteration, error) {
	m := v.mailbox
	alt := &alteration{StoreRequest: req}
	err := v.account.write(&change{
		alters: []any{m},
		run: func(tx *storage.Tx) error {
			if err := alt.declare(tx, m); err != nil {
				return err
			}
			alt.plan(m, uids, v)
			if len(alt.uids) == 0 {
				return nil
			}
			modseq, err := tx.SetFlags(m.id, alt.changes)
			alt.modseq = modseq
			return err
		},
		apply: func() { m.altered(alt) },
	})
	return alt, err
}

// declare puts the keywords into their canonical form and makes new ones known.
func (alt *alteration) declare(tx *storage.Tx, m *mailbox) error {
	if len(alt.Keywords) == 0 {
		return nil
	}
	row, err := tx.Mailbox(m.id)
	if err != nil {
		return err
	}
	canonical, fresh, err := canonicalKeywords(&row, alt.Keywords)
	if err != nil {
		return err
	}
	alt.keywords = canonical
	if len(fresh) == 0 || alt.Op == StoreRemove {
		return nil
	}
	return tx.AddKeywords(m.id, fresh)
}

// plan finds the messages whose flags will differ and sums them up in as few
// changes as it can. It notes in the view which of them others had changed
// before without its client knowing.
func (alt *alteration) plan(m *mailbox, uids []UID, v *View) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	x := m.idx
	alt.uids, alt.rows = make([]UID, 0, len(uids)), make([]newFlags, 0, len(uids))
	alt.changes, alt.kinds, alt.keeping, alt.modified = nil, map[string]int{}, -1, nil
	near, memo := 0, map[uint32]string{}
	for _, uid := range uids {
		i, ok := x.find(uid, near)
		if alt.Conditional && (!ok || x.modseq[i] > alt.UnchangedSince) {
			alt.modified, alt.vanished = append(alt.modified, uid), alt.vanished || !ok
			continue
		}
		if !ok {
			continue
		}
		near = i + 1
		flags, keywords := alt.result(x, i, memo)
		if flags == x.flags[i] && keywords == x.sets.texts[x.kw[i]] {
			continue
		}
		if x.modseq[i] > v.told && !slices.Contains(v.own, x.modseq[i]) {
			if v.dirty == nil {
				v.dirty = map[UID]bool{}
			}
			v.dirty[uid] = true
		}
		alt.uids = append(alt.uids, uid)
		alt.rows = append(alt.rows, newFlags{flags, keywords})
		alt.add(x, i, flags, keywords)
	}
}

// result computes a message's new flags and keywords. memo remembers what became
// of a keyword set.
func (alt *alteration) result(x *index, i int, memo map[uint32]string) (Flags, string) {
	old := x.flags[i]
	keywords, known := memo[x.kw[i]]
	if !known {
		keywords = alt.keywordsFrom(x.sets.lists[x.kw[i]])
		memo[x.kw[i]] = keywords
	}
	switch alt.Op {
	case StoreAdd:
		return old | alt.Flags, keywords
	case StoreRemove:
		return old &^ alt.Flags, keywords
	case StoreMerge:
		return old&^alt.Mask | alt.Flags&alt.Mask, keywords
	}
	return alt.Flags, keywords
}

func (alt *alteration) keywordsFrom(old []string) string {
	if alt.Op == StoreMerge && alt.Keywords == nil {
		return keywordText(old)
	}
	switch alt.Op {
	case StoreAdd:
		return keywordText(append(slices.Clone(old), alt.keywords...))
	case StoreRemove:
		return keywordText(slices.DeleteFunc(slices.Clone(old), func(k string) bool { return slices.Contains(alt.keywords, k) }))
	}
	return keywordText(alt.keywords)
}

// add sorts a message into the change that fits it: messages that end with the
// same keywords, or keep theirs, share one.
func (alt *alteration) add(x *index, i int, flags Flags, keywords string) {
	c := alt.changeOf(keywords, keywords == x.sets.texts[x.kw[i]])
	c.Unseen += bit(flags, FlagSeen, false) - bit(x.flags[i], FlagSeen, false)
	c.Deleted += bit(flags, FlagDeleted, true) - bit(x.flags[i], FlagDeleted, true)
	uid := x.uid[i]
	if k := len(c.UIDs) - 1; k >= 0 && (c.UIDs[k].Last+1 == uid || i > 0 && c.UIDs[k].Last == x.uid[i-1]) {
		c.UIDs[k].Last = uid
		return
	}
	c.UIDs = append(c.UIDs, storage.Range{First: uid, Last: uid})
}

// changeOf is the change that gives these keywords, or that keeps those that are there.
func (alt *alteration) changeOf(keywords string, keep bool) *storage.FlagChange {
	n, ok := alt.keeping, alt.keeping >= 0
	if !keep {
		n, ok = alt.kinds[keywords]
	}
	if ok {
		return &alt.changes[n]
	}
	c := alt.begin()
	if keep {
		alt.keeping = len(alt.changes)
	} else {
		text := keywords
		c.Keywords, alt.kinds[text] = &text, len(alt.changes)
	}
	alt.changes = append(alt.changes, c)
	return &alt.changes[len(alt.changes)-1]
}

// begin is a change of system flags, of no message yet.
func (alt *alteration) begin() storage.FlagChange {
	switch alt.Op {
	case StoreAdd:
		return storage.FlagChange{Set: alt.Flags}
	case StoreRemove:
		return storage.FlagChange{Clear: alt.Flags}
	case StoreMerge:
		return storage.FlagChange{Set: alt.Flags & alt.Mask, Clear: alt.Mask &^ alt.Flags}
	}
	return storage.FlagChange{Set: alt.Flags, Clear: ^alt.Flags}
}

// bit is 1 if the flag is set as wanted.
func bit(f, flag Flags, set bool) int {
	if (f&flag != 0) == set {
		return 1
	}
	return 0
}

// altered brings the index in step with a change of flags.
func (m *mailbox) altered(alt *alteration) {
	if len(alt.uids) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	x := m.idx
	if x == nil {
		return
	}
	places := x.places(alt.uids)
	last, number := "", x.sets.number("") // most have the same as the one before
	for k, i := range places {
		to := &alt.rows[k]
		if to.keywords != last {
			last, number = to.keywords, x.sets.number(to.keywords)
		}
		x.flags[i], x.kw[i] = to.flags, number
	}
	x.touched(places, alt.modseq)
	x.trimKeywords()
}
