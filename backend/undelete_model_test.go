package backend

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A plain model of what is in mailboxes and what is lost. A message is known by its
// subject, which no other has.
type (
	lostAndFound struct {
		t     *testing.T
		rnd   *rand.Rand
		a     *Account
		boxes map[string][]foundLetter // in the order of UIDs
		lost  map[string]lostLetter    // by subject
		log   []string
		n     int
	}
	foundLetter struct {
		uid      UID
		subject  string
		flags    Flags // but for \Deleted
		keywords string
	}
	lostLetter struct {
		foundLetter
		id      MailboxID
		mailbox string
		gone    bool
	}
)

func TestUndeleteModel(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			_, a := testAccount(t)
			w := &lostAndFound{t: t, rnd: rand.New(rand.NewPCG(seed, 7)), a: a, boxes: map[string][]foundLetter{"INBOX": nil}, lost: map[string]lostLetter{}}
			for _, m := range standardMailboxes[1:] {
				try(t, a.Delete(m.name))
			}
			steps := []func(){w.append, w.append, w.append, w.expunge, w.expunge, w.copy, w.move, w.delete, w.create, w.rename, w.undelete, w.undelete, w.erase, w.purge}
			for range 120 {
				steps[w.rnd.IntN(len(steps))]()
				w.compare()
			}
			if found, err := a.mail.Check(t.Context(), true); err != nil || len(found) > 0 {
				t.Errorf("check: %v, %v", found, err)
			}
			w.search()
		})
	}
}

func (w *lostAndFound) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

func (w *lostAndFound) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(w.log, "\n"))
}

func (w *lostAndFound) box() string {
	names := slices.Sorted(maps.Keys(w.boxes))
	return names[w.rnd.IntN(len(names))]
}

// pick opens a mailbox and selects some of its messages.
func (w *lostAndFound) pick() (name string, v *View, s Selection, some []foundLetter) {
	name = w.box()
	v, err := w.a.Open(name, false, func() {})
	try(w.t, err)
	for i, m := range w.boxes[name] {
		if w.rnd.IntN(2) == 0 {
			s.add(i)
			some = append(some, m)
		}
	}
	return name, v, s, some
}

func (w *lostAndFound) append() {
	name := w.box()
	w.n++
	in := incoming(w.t, w.a, fmt.Sprintf("Subject: letter%d.\r\n\r\ntext of letter%d.\r\n", w.n, w.n))
	in.Flags = Flags(w.rnd.IntN(32)) &^ FlagDeleted
	in.Keywords = [][]string{nil, {"a"}, {"a", "b"}}[w.rnd.IntN(3)]
	w.note("append letter%d. to %s", w.n, name)
	_, uids, err := w.a.Append(name, in)
	try(w.t, err)
	w.boxes[name] = append(w.boxes[name], foundLetter{uids[0], fmt.Sprintf("letter%d.", w.n), in.Flags, keywordText(in.Keywords)})
}

// lose takes letters out of a mailbox.
func (w *lostAndFound) lose(name string, some []foundLetter, deleted bool) {
	w.boxes[name] = slices.DeleteFunc(w.boxes[name], func(m foundLetter) bool { return slices.Contains(some, m) })
	st, err := w.a.Status(name)
	try(w.t, err)
	for _, m := range some {
		if _, already := w.lost[m.subject]; !already && !w.somewhere(m.subject) {
			w.lost[m.subject] = lostLetter{m, st.ID, name, deleted}
		}
	}
}

func (w *lostAndFound) somewhere(subject string) bool {
	for _, list := range w.boxes {
		if slices.ContainsFunc(list, func(m foundLetter) bool { return m.subject == subject }) {
			return true
		}
	}
	return false
}

func (w *lostAndFound) expunge() {
	name, v, s, some := w.pick()
	defer v.Close()
	w.note("expunge %v from %s", some, name)
	_, err := v.Store(s, StoreRequest{Op: StoreAdd, Flags: FlagDeleted})
	try(w.t, err, v.Expunge(&s))
	w.lose(name, some, false)
}

func (w *lostAndFound) copy() { w.transfer((*View).Copy, false) }
func (w *lostAndFound) move() { w.transfer((*View).Move, true) }

func (w *lostAndFound) transfer(do func(*View, Selection, string, bool) (CopyResult, error), move bool) {
	name, v, s, some := w.pick()
	defer v.Close()
	to := w.box()
	w.note("transfer %v from %s to %s, move %v", some, name, to, move)
	r, err := do(v, s, to, true)
	try(w.t, err)
	if move {
		w.boxes[name] = slices.DeleteFunc(w.boxes[name], func(m foundLetter) bool { return slices.Contains(some, m) })
	}
	for i, m := range some {
		m.uid = r.To[i]
		w.boxes[to] = append(w.boxes[to], m)
	}
}

func (w *lostAndFound) create() {
	name := fmt.Sprint("box", w.rnd.IntN(4))
	if _, there := w.boxes[name]; !there {
		w.note("create %s", name)
		try(w.t, w.a.Create(name, ""))
		w.boxes[name] = nil
	}
}

func (w *lostAndFound) delete() {
	name := w.box()
	if name == "INBOX" {
		return
	}
	w.note("delete %s", name)
	for subject, m := range w.lost {
		if m.mailbox == name {
			m.gone = true
			w.lost[subject] = m
		}
	}
	w.lose(name, slices.Clone(w.boxes[name]), true)
	delete(w.boxes, name)
	try(w.t, w.a.Delete(name))
}

func (w *lostAndFound) rename() {
	name, to := w.box(), fmt.Sprint("box", w.rnd.IntN(4))
	if _, there := w.boxes[to]; there || name == "INBOX" {
		return
	}
	w.note("rename %s to %s", name, to)
	try(w.t, w.a.Rename(name, to))
	w.boxes[to] = w.boxes[name]
	delete(w.boxes, name)
	for subject, m := range w.lost {
		if m.mailbox == name && !m.gone {
			m.mailbox = to
			w.lost[subject] = m
		}
	}
}

// filter picks some lost letters, in the order in which they come back.
func (w *lostAndFound) filter() (f ExpungedFilter, some []lostLetter) {
	switch w.rnd.IntN(3) {
	case 0:
		f.Mailbox = w.box()
	case 1:
		f.Subject = fmt.Sprint(w.rnd.IntN(10), ".")
	}
	for _, m := range w.lost {
		if (f.Mailbox == "" || m.mailbox == f.Mailbox) && strings.Contains(m.subject, f.Subject) {
			some = append(some, m)
		}
	}
	slices.SortFunc(some, func(x, y lostLetter) int {
		return cmp.Or(cmp.Compare(x.id, y.id), cmp.Compare(x.uid, y.uid))
	})
	return f, some
}

func (w *lostAndFound) undelete() {
	f, some := w.filter()
	into := ""
	if w.rnd.IntN(3) == 0 {
		into = fmt.Sprint("box", w.rnd.IntN(4))
	}
	w.note("undelete %v into %q", some, into)
	u := undelete(w.t, w.a, f, into)
	for _, m := range some {
		to := cmp.Or(into, m.mailbox)
		m.uid = 0 // a new one
		w.boxes[to] = append(w.boxes[to], m.foundLetter)
		delete(w.lost, m.subject)
	}
	n := 0
	for _, into := range u.Into {
		n += into.Messages
	}
	if n != len(some) {
		w.fail("%+v, want %d", u, len(some))
	}
}

func (w *lostAndFound) erase() {
	f, some := w.filter()
	w.note("erase %v", some)
	n, err := w.a.Erase(w.t.Context(), f, agreed, untold)
	if try(w.t, err); n != len(some) {
		w.fail("erased %d, want %d", n, len(some))
	}
	for _, m := range some {
		delete(w.lost, m.subject)
	}
}

func (w *lostAndFound) purge() {
	if w.rnd.IntN(3) > 0 {
		return
	}
	w.note("purge")
	w.a.purgedAt = time.Time{}
	try(w.t, w.a.purge(time.Now(), time.Now().Add(time.Hour)))
	clear(w.lost)
}
