package backend

import (
	"slices"
	"strings"

	"satchel/storage"
)

// alteration is one change of flags on its way through the writer.
type alteration struct {
	StoreRequest
	keywords []string // canonical

	uids    []UID  // whose flags really change, ascending
	modseq  ModSeq // that they get
	changes []storage.FlagChange
	rows    []newFlags // what the index gets, beside uids

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
	alt.uids, alt.rows, alt.changes, alt.modified = nil, nil, nil, nil
	near, number := 0, map[string]int{}
	memo := map[uint32]string{}
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
		alt.add(number, x, i, flags, keywords)
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
func (alt *alteration) add(number map[string]int, x *index, i int, flags Flags, keywords string) {
	key := "same"
	if keywords != x.sets.texts[x.kw[i]] {
		key = "keywords " + keywords
	}
	n, ok := number[key]
	if !ok {
		n = len(alt.changes)
		number[key] = n
		alt.changes = append(alt.changes, alt.begin(key, keywords))
	}
	c := &alt.changes[n]
	c.Unseen += bit(flags, FlagSeen, false) - bit(x.flags[i], FlagSeen, false)
	c.Deleted += bit(flags, FlagDeleted, true) - bit(x.flags[i], FlagDeleted, true)
	uid := x.uid[i]
	if k := len(c.UIDs) - 1; k >= 0 && (c.UIDs[k].Last+1 == uid || i > 0 && c.UIDs[k].Last == x.uid[i-1]) {
		c.UIDs[k].Last = uid
		return
	}
	c.UIDs = append(c.UIDs, storage.Range{First: uid, Last: uid})
}

func (alt *alteration) begin(key, keywords string) storage.FlagChange {
	var c storage.FlagChange
	switch alt.Op {
	case StoreAdd:
		c.Set = alt.Flags
	case StoreRemove:
		c.Clear = alt.Flags
	case StoreMerge:
		c.Set, c.Clear = alt.Flags&alt.Mask, alt.Mask&^alt.Flags
	default:
		c.Set, c.Clear = alt.Flags, ^alt.Flags
	}
	if strings.HasPrefix(key, "keywords ") {
		c.Keywords = &keywords
	}
	return c
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
	for k, i := range places {
		x.flags[i], x.kw[i] = alt.rows[k].flags, x.sets.number(alt.rows[k].keywords)
	}
	x.touched(places, alt.modseq)
	x.trimKeywords()
}
