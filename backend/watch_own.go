package backend

import (
	"slices"

	"satchel/storage"
)

// What a session has done itself it need not be told (RFC 5465, 5). It says so to
// its watch, before the next Pull; the watch may be nil.

// ownMessages are messages that a session has put into a mailbox.
type ownMessages struct {
	first UID
	n     uint32
}

// Made notes messages that the session has put into a mailbox.
func (w *Watch) Made(mailbox string, uids []UID) {
	if w == nil || len(uids) == 0 {
		return
	}
	if m, err := w.account.mailbox(mailbox); err == nil {
		w.made = map[storage.MailboxID]ownMessages{m.id: {uids[0], uint32(len(uids))}}
	}
}

// Named notes a name that the session has made or taken away, and which of the two.
// Those above it are there.
func (w *Watch) Named(name string, there bool) {
	if w == nil {
		return
	}
	if w.owned == nil {
		w.owned = map[string]bool{}
	}
	if canonical, err := newName(name); err == nil {
		for _, p := range parents(canonical) {
			w.owned[p] = true
		}
		w.owned[canonical] = there
	}
}

// Renamed notes that the session has renamed a mailbox, whose subscriptions and
// those of its children follow.
func (w *Watch) Renamed(from, to string) {
	if w == nil {
		return
	}
	w.Named(to, true)
	if source, err := canonicalName(from); err == nil {
		w.left = append(w.left, source)
	}
	if target, err := newName(to); err == nil {
		w.entered = append(w.entered, target)
	}
}

// moved reports whether a subscription changed because the session renamed something.
func (w *Watch) moved(x *NameNews) bool {
	trees := w.left
	if x.Subscribed {
		trees = w.entered
	}
	return slices.ContainsFunc(trees, func(root string) bool { return x.Name == root || below(x.Name, root) })
}

// Subscribed notes a subscription that the session has made or taken away.
func (w *Watch) Subscribed(name string, on bool) {
	if w == nil {
		return
	}
	if w.joined == nil {
		w.joined = map[string]bool{}
	}
	if canonical, err := newName(name); err == nil {
		w.joined[canonical] = on
	}
}

// mine reports whether all that happened to a mailbox's messages since the last
// Pull is what the session has put there itself. Callers hold the account's lock.
func (w *Watch) mine(m *mailbox, now *Status) bool {
	own, ok := w.made[m.id]
	s := &m.stamps
	return ok && s.was.stamp <= w.told && s.flags == s.messages &&
		own.first == s.was.uidNext && own.first+UID(own.n) == now.UIDNext && s.was.messages+own.n == now.Messages &&
		now.HighestModSeq-s.was.modSeq <= ModSeq(own.n)
}
