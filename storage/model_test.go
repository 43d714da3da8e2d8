package storage

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// model is what a Mail should hold, in plain words.
type model struct {
	boxes    map[MailboxID]*modelBox
	messages map[MessageID][]byte
	gone     map[uidKey]bool // UIDs that were given out, and must not be again
	valid    map[uint32]bool // UIDVALIDITYs likewise
}

// uidKey is a UID in its mailbox.
type uidKey struct {
	box MailboxID
	uid UID
}

type modelBox struct {
	Mailbox
	entries []Entry
}

func newModel() *model {
	return &model{boxes: map[MailboxID]*modelBox{}, messages: map[MessageID][]byte{}, gone: map[uidKey]bool{}, valid: map[uint32]bool{}}
}

func (m *model) clone() *model {
	c := newModel()
	for id, b := range m.boxes {
		c.boxes[id] = &modelBox{b.Mailbox, slices.Clone(b.entries)}
	}
	for k, v := range m.messages {
		c.messages[k] = v
	}
	for k := range m.gone {
		c.gone[k] = true
	}
	for k := range m.valid {
		c.valid[k] = true
	}
	return c
}

// pick returns a mailbox, and some of its entries in their order.
func (m *model) pick(rng *rand.Rand) (*modelBox, []Entry) {
	ids := slices.Sorted(func(yield func(MailboxID) bool) {
		for id := range m.boxes {
			if !yield(id) {
				return
			}
		}
	})
	if len(ids) == 0 {
		return nil, nil
	}
	b := m.boxes[ids[rng.IntN(len(ids))]]
	var some []Entry
	if len(b.entries) > 0 {
		from := rng.IntN(len(b.entries))
		to := from + rng.IntN(len(b.entries)-from+1)
		step := 1 + rng.IntN(3)
		for i := from; i < to; i += step {
			some = append(some, b.entries[i])
		}
	}
	return b, some
}

// run is one random test: its transaction, the model beside it.
type run struct {
	t   *testing.T
	rng *rand.Rand
	m   *Mail
	tx  *Tx
	*model
	told Usage // the sum of what the transactions say they have added
}

func (r *run) add(b *modelBox, added []Entry) {
	for _, e := range added {
		key := uidKey{b.ID, e.UID}
		if r.gone[key] || e.UID < b.UIDNext {
			r.t.Fatalf("UID %d of mailbox %d was used before", e.UID, b.ID)
		}
		r.gone[key] = true
		b.entries = append(b.entries, e)
		b.UIDNext = e.UID + 1
	}
}

func (r *run) remove(b *modelBox, rows []Entry) {
	b.entries = slices.DeleteFunc(b.entries, func(e Entry) bool {
		return slices.ContainsFunc(rows, func(x Entry) bool { return x.UID == e.UID })
	})
}

// step does one random thing to both.
func (r *run) step() {
	b, some := r.pick(r.rng)
	switch k := r.rng.IntN(100); {
	case b == nil || k < 4 && len(r.boxes) < 6:
		r.create()
	case k < 6 && len(r.boxes) > 1:
		must(r.t, r.tx.DeleteMailbox(b.ID))
		delete(r.boxes, b.ID)
	case k < 40:
		r.append(b)
	case k < 55:
		dst, _ := r.pick(r.rng)
		r.add(dst, ok[[]Entry](r.t)(r.tx.Copy(dst.ID, some)))
	case k < 65:
		r.move(b, some)
	case k < 75:
		ok[ModSeq](r.t)(r.tx.Expunge(b.ID, some))
		r.remove(b, some)
	case k < 95:
		r.flags(b, some)
	default:
		ok[int](r.t)(purge(r.tx, time.Now().Add(time.Hour), 5))
	}
}

func (r *run) create() {
	x := ok[Mailbox](r.t)(r.tx.CreateMailbox(fmt.Sprint("box ", r.rng.Uint64()), ""))
	if r.valid[x.UIDValidity] {
		r.t.Fatalf("UIDVALIDITY %d was used before", x.UIDValidity)
	}
	r.valid[x.UIDValidity] = true
	r.boxes[x.ID] = &modelBox{Mailbox: x}
}

func (r *run) append(b *modelBox) {
	n := letter(r.t, r.rng, 100+r.rng.IntN(12000))
	n.Flags = Flags(r.rng.IntN(32))
	n.Keywords = [...]string{"", "a", "a b"}[r.rng.IntN(3)]
	raw := append(slices.Clone(n.Header), n.body...)
	if r.rng.IntN(2) == 0 {
		n = prepared(r.t, n)
	}
	e := ok[Entry](r.t)(r.tx.Append(b.ID, n))
	if r.messages[e.Message] != nil {
		r.t.Fatalf("message %d was used before", e.Message)
	}
	r.messages[e.Message] = raw
	r.add(b, []Entry{e})
}

func (r *run) move(b *modelBox, some []Entry) {
	dst, _ := r.pick(r.rng)
	if dst == b {
		return
	}
	added, _, err := r.tx.Move(b.ID, dst.ID, some)
	must(r.t, err)
	r.remove(b, some)
	r.add(dst, added)
}

func (r *run) flags(b *modelBox, some []Entry) {
	c := FlagChange{Set: Flags(r.rng.IntN(32)), Clear: Flags(r.rng.IntN(32))}
	if r.rng.IntN(3) == 0 {
		c.Keywords = &[]string{"", "b", "c d"}[r.rng.IntN(3)]
	}
	touched := map[UID]bool{}
	for _, e := range some {
		touched[e.UID] = true
		c.UIDs = append(c.UIDs, Range{e.UID, e.UID})
		now := (e.Flags | c.Set) &^ c.Clear
		c.Unseen += int(e.Flags&FlagSeen) - int(now&FlagSeen)
		c.Deleted += int(now&FlagDeleted)/int(FlagDeleted) - int(e.Flags&FlagDeleted)/int(FlagDeleted)
	}
	modseq := ok[ModSeq](r.t)(r.tx.SetFlags(b.ID, []FlagChange{c}))
	for i := range b.entries {
		e := &b.entries[i]
		if !touched[e.UID] {
			continue
		}
		e.Flags, e.ModSeq = (e.Flags|c.Set)&^c.Clear, modseq
		if c.Keywords != nil {
			e.Keywords = *c.Keywords
		}
	}
}

// usage sums up the messages of the model.
func (m *model) usage() (u Usage) {
	for _, b := range m.boxes {
		u[QuotaMailboxes]++
		for _, e := range b.entries {
			u[QuotaMessages]++
			u[QuotaStorage] += int64(len(m.messages[e.Message]))
		}
	}
	return u
}

func deletedBytes(entries []Entry) (n int64) {
	for _, e := range entries {
		if e.Flags&FlagDeleted != 0 {
			n += int64(e.Size)
		}
	}
	return n
}

// compare holds what was committed against the model.
func (r *run) compare() {
	boxes, _, err := r.m.Mailboxes()
	must(r.t, err)
	if len(boxes) != len(r.boxes) {
		r.t.Fatalf("%d mailboxes, want %d", len(boxes), len(r.boxes))
	}
	if got, want := ok[Usage](r.t)(r.m.Usage()), r.usage(); got != want || r.told != want {
		r.t.Fatalf("usage %v, told by the transactions %v, want %v", got, r.told, want)
	}
	for _, got := range boxes {
		b := r.boxes[got.ID]
		if got.ModSeq < b.ModSeq || got.UIDNext != max(b.UIDNext, 1) || int(got.Messages) != len(b.entries) {
			r.t.Fatalf("mailbox %+v, want %+v", got, b.Mailbox)
		}
		b.ModSeq = got.ModSeq
		slices.SortFunc(b.entries, func(x, y Entry) int { return cmp.Compare(x.UID, y.UID) })
		if list := entries(r.t, r.m, got.ID); !slices.Equal(list, b.entries) {
			r.t.Fatalf("entries of %d:\n%v, want\n%v", got.ID, list, b.entries)
		}
		if got, want := ok[int64](r.t)(r.m.DeletedBytes(got.ID)), deletedBytes(b.entries); got != want {
			r.t.Fatalf("%d bytes are \\Deleted, want %d", got, want)
		}
		if len(b.entries) > 0 {
			e := b.entries[r.rng.IntN(len(b.entries))]
			if raw := ok[[]byte](r.t)(r.m.AppendBytes(nil, e.Message, 0, 1<<30)); string(raw) != string(r.messages[e.Message]) {
				r.t.Fatalf("message %d differs", e.Message)
			}
		}
	}
}

// TestAgainstModel does random things in transactions, some of them undone, and compares after each.
func TestAgainstModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rounds := 150
	if testing.Short() {
		rounds = 40
	}
	r := &run{t: t, rng: rand.New(rand.NewPCG(seed, 1)), m: openTest(t), model: newModel()}
	for range rounds {
		before := r.clone()
		r.tx = begin(t, r.m)
		for range r.rng.IntN(8) {
			marked := r.clone()
			must(t, r.tx.Savepoint())
			for range 1 + r.rng.IntN(3) {
				r.step()
			}
			if r.rng.IntN(4) == 0 {
				must(t, r.tx.RollbackTo())
				r.model = marked
			} else {
				must(t, r.tx.Release())
			}
		}
		if r.rng.IntN(5) == 0 {
			r.tx.Rollback()
			r.model = before
		} else {
			must(t, r.tx.Commit())
			r.told = r.told.Plus(r.tx.Grown())
		}
		r.compare()
	}
}
