package backend

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// quotaModel is an account in plain words: the sizes of the messages in each mailbox.
type quotaModel struct {
	t      *testing.T
	rng    *rand.Rand
	a      *Account
	boxes  map[string][]int
	limits Limits
}

func (m *quotaModel) usage() (u Usage) {
	for _, sizes := range m.boxes {
		u[QuotaMailboxes]++
		u[QuotaMessages] += int64(len(sizes))
		for _, n := range sizes {
			u[QuotaStorage] += int64(n)
		}
	}
	return u
}

// try does something that makes the mailboxes next, if it may add that much.
func (m *quotaModel) try(what string, next map[string][]int, do func() error) {
	m.t.Helper()
	was := m.boxes
	before := m.usage()
	m.boxes = next
	over := false
	for r, n := range m.usage() {
		over = over || n > before[r] && n > m.limits[r]
	}
	if over {
		m.boxes = was
	}
	if err := do(); errors.Is(err, ErrOverQuota) != over || err != nil && !over {
		m.t.Fatalf("%s: %v, over is %v; limits %v, before %v", what, err, over, m.limits, before)
	}
	if got, want := m.a.Quota().Usage, m.usage(); got != want {
		m.t.Fatalf("after %s usage is %v, want %v", what, got, want)
	}
}

// with is the mailboxes with one changed.
func (m *quotaModel) with(name string, sizes []int) map[string][]int {
	next := maps.Clone(m.boxes)
	next[name] = sizes
	return next
}

// pick chooses a mailbox, opens it and chooses a message; none when it is empty.
func (m *quotaModel) pick() (name string, v *View, one int) {
	names := slices.Sorted(maps.Keys(m.boxes))
	name = names[m.rng.IntN(len(names))]
	v, err := m.a.Open(name, false, func() {})
	if err != nil {
		m.t.Fatal(err)
	}
	return name, v, m.rng.IntN(max(len(m.boxes[name]), 1))
}

func (m *quotaModel) letter() (int, *Incoming) {
	n := 2 + m.rng.IntN(300)
	return n, incoming(m.t, m.a, messageOf(n))
}

func (m *quotaModel) step() {
	name, v, i := m.pick()
	defer v.Close()
	sizes := m.boxes[name]
	other, w, _ := m.pick()
	w.Close()
	switch k := m.rng.IntN(12); {
	case k < 3:
		m.append(name)
	case k == 3:
		m.create()
	case k == 4 && name != "INBOX":
		next := maps.Clone(m.boxes)
		delete(next, name)
		m.try("delete", next, func() error { return m.a.Delete(name) })
	case k == 5:
		m.rename(name)
	case k == 6:
		m.relimit()
	case len(sizes) == 0:
	case k == 7:
		m.try("copy", m.with(other, append(slices.Clone(m.boxes[other]), sizes[i])), func() error {
			_, err := v.Copy(m.message(v, i), other, true)
			return err
		})
	case k == 8:
		next := m.with(name, slices.Delete(slices.Clone(sizes), i, i+1))
		next[other] = append(slices.Clone(next[other]), sizes[i])
		m.try("move", next, func() error {
			_, err := v.Move(m.message(v, i), other, true)
			return err
		})
	case k == 9:
		n, in := m.letter()
		next := m.with(name, slices.Delete(slices.Clone(sizes), i, i+1))
		next[other] = append(slices.Clone(next[other]), n)
		var b Batch
		b.Add(in)
		m.try("replace", next, func() error {
			_, _, err := v.Replace(m.message(v, i), other, &b)
			return err
		})
	default:
		m.try("expunge", m.with(name, slices.Delete(slices.Clone(sizes), i, i+1)), func() error {
			one := m.message(v, i)
			_, err := v.Store(one, StoreRequest{Op: StoreAdd, Flags: FlagDeleted})
			return errors.Join(err, v.Expunge(&one))
		})
	}
}

func (m *quotaModel) message(v *View, i int) Selection {
	s, err := v.Resolve([]Range{{uint32(i + 1), uint32(i + 1)}}, false)
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

func (m *quotaModel) append(name string) {
	sizes := slices.Clone(m.boxes[name])
	var msgs []*Incoming
	for range 1 + m.rng.IntN(3) {
		n, in := m.letter()
		sizes, msgs = append(sizes, n), append(msgs, in)
	}
	m.try("append", m.with(name, sizes), func() error {
		_, _, err := m.a.Append(name, msgs...)
		return err
	})
}

// create makes a mailbox two levels down, so that one between is made as well.
func (m *quotaModel) create() {
	parent := fmt.Sprint("box", m.rng.IntN(1000))
	if m.boxes[parent] != nil {
		return
	}
	next := m.with(parent, []int{})
	next[parent+"/below"] = []int{}
	m.try("create", next, func() error { return m.a.Create(parent+"/below", "") })
}

// rename gives a mailbox without others below it a new name; INBOX is emptied.
func (m *quotaModel) rename(name string) {
	to := fmt.Sprint("renamed", m.rng.IntN(1000))
	if m.boxes[to] != nil || len(m.a.children(name)) > 0 {
		return
	}
	next := m.with(to, m.boxes[name])
	delete(next, name)
	if name == "INBOX" {
		next[name] = []int{}
	}
	m.try("rename "+name, next, func() error { return m.a.Rename(name, to) })
}

// relimit sets limits of the account's own near what it has.
func (m *quotaModel) relimit() {
	m.limits = Limits(m.usage().Plus(Usage{m.rng.Int64N(2000) - 500, m.rng.Int64N(10) - 2, m.rng.Int64N(4) - 1}))
	for r := range m.limits {
		m.limits[r] = max(m.limits[r], 0)
	}
	m.a.limit(m.limits)
}

// TestQuotaModel does random things within limits that move about: exactly what would
// add too much is refused, and the usage is the plain sum of what is there, also when
// it is counted anew.
func TestQuotaModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	b, a := testAccountWith(t, Config{Data: t.TempDir(), NoIndex: true})
	m := &quotaModel{t: t, rng: rand.New(rand.NewPCG(seed, 1)), a: a, boxes: map[string][]int{}}
	for _, s := range standardMailboxes {
		m.boxes[s.name] = []int{}
	}
	m.relimit()
	for range 400 {
		m.step()
	}
	if got, err := a.mail.Usage(); err != nil || got != m.usage() {
		t.Errorf("on disk it is %v, %v, want %v", got, err, m.usage())
	}
	a.Release()
	b.tidyAt(time.Now().Add(time.Hour))
	again, err := b.Account("test", "test")
	if err != nil {
		t.Fatal(err)
	}
	defer again.Release()
	if got := again.Quota().Usage; again == a || got != m.usage() {
		t.Errorf("counted anew it is %v, want %v", got, m.usage())
	}
}
