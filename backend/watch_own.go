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
	canonical, err := newName(name)
	if err != nil {
		return
	}
	if there {
		w.planted(canonical)
	}
	w.know(canonical, there)
}

// planted notes the names above one that the session has made.
func (w *Watch) planted(name string) {
	for p := range Parents(name) {
		if i := w.known(p); i < 0 || !w.names[i].Exists {
			w.know(p, true)
		}
	}
}

// know has the session know that a mailbox is there or not. If another one has its name
// by now, it is taken for that.
func (w *Watch) know(name string, there bool) {
	info := w.knows(name)
	info.Exists, info.id = there, 0
	if m, err := w.account.mailbox(name); err == nil && there {
		info.id = m.id
	}
}

// known finds what the session knows of a name, -1 if it knows of none.
func (w *Watch) known(name string) int {
	return slices.IndexFunc(w.names, func(i MailboxInfo) bool { return i.Name == name })
}

// knows is what the session knows of a name, for a change.
func (w *Watch) knows(name string) *MailboxInfo {
	w.names = slices.Clone(w.names) // others have it too
	if w.known(name) < 0 {
		w.names = append(w.names, MailboxInfo{Name: name})
	}
	return &w.names[w.known(name)]
}

// Renamed notes that the session has renamed a mailbox, which what is below it follows,
// and subscriptions.
func (w *Watch) Renamed(from, to string) {
	if w == nil {
		return
	}
	source, err1 := canonicalName(from)
	target, err2 := newName(to)
	switch {
	case err1 != nil || err2 != nil:
	case source == "INBOX": // it stays, without its messages
		w.Named(to, true)
	default:
		w.planted(target)
		w.rename(source, target)
	}
}

// rename moves a name and those below it, over those that were there before.
func (w *Watch) rename(source, target string) {
	var left, moved []MailboxInfo
	for _, info := range w.names {
		if to, concerned := renamed(info.Name, source, target); concerned {
			info.Name = to
			moved = append(moved, info)
		} else {
			left = append(left, info)
		}
	}
	left = slices.DeleteFunc(left, func(i MailboxInfo) bool {
		return slices.ContainsFunc(moved, func(m MailboxInfo) bool { return m.Name == i.Name })
	})
	w.names = append(left, moved...)
}

// Subscribed notes a subscription that the session has made or taken away.
func (w *Watch) Subscribed(name string, on bool) {
	if w == nil {
		return
	}
	if canonical, err := newName(name); err == nil {
		w.knows(canonical).Subscribed = on
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
