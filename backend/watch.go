package backend

import (
	"slices"

	"satchel/storage"
)

// Watch is what one session has been told of all mailboxes of an account, besides
// the view of the one it has selected: one cursor, and the names as they were.
// Nothing is queued for it. Only one goroutine may use a watch.
type Watch struct {
	account *Account
	wake    func()
	told    uint64        // changes told up to this stamp
	names   []MailboxInfo // as told, with what the session has done itself

	// What the session has done itself since then.
	made  map[storage.MailboxID]ownMessages
	noted []uint64 // stamps of annotations
}

// News is what has happened since a watch was last asked.
type News struct {
	Mailboxes []MailboxNews // the one that changed last is the last
	Names     []NameNews
	Server    []string // entries of the server's annotations that were changed
	// Overflow says that some of the annotations removed cannot be told any more.
	Overflow bool
}

// MailboxNews says what changed in a mailbox.
type MailboxNews struct {
	Name       string
	Subscribed bool
	Status     Status
	Messages   bool     // some came or went
	Flags      bool     // the mod-sequence rose
	Unseen     bool     // their count is another
	Entries    []string // annotations that were changed
}

// stamps say when a mailbox last changed, by the account's count of changes.
// Account.mu guards them.
type stamps struct {
	touched, messages, flags, unseen uint64

	was struct { // the mailbox before its messages last changed, and since when
		stamp    uint64
		uidNext  UID
		messages uint32
		modSeq   ModSeq
	}

	newer, older *mailbox // in the order of touched
}

// Watch begins to watch. wake is called after each commit, from any goroutine; it
// must not block.
func (a *Account) Watch(wake func()) *Watch {
	w := &Watch{account: a, wake: wake, names: a.List()}
	a.mu.Lock()
	defer a.mu.Unlock()
	w.told = a.stamp
	a.watches = append(a.watches, w)
	return w
}

// Close ends the watch, if there is one.
func (w *Watch) Close() {
	if w == nil {
		return
	}
	a := w.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.Index(a.watches, w); i >= 0 {
		a.watches = slices.Delete(a.watches, i, i+1)
	}
}

// Pull says what others have changed since the last time. It costs what has
// changed, not what there is, unless names have.
func (w *Watch) Pull() News {
	var n News
	n.Names = w.pullNames()
	a := w.account
	a.mu.RLock()
	defer a.mu.RUnlock()
	entries, overflow := a.notes.since(w)
	n.Server, n.Overflow = entries[0], overflow
	for m := a.newest; m != nil && m.stamps.touched > w.told; m = m.stamps.older {
		if news, any := w.mailbox(m, entries[m.id]); any {
			n.Mailboxes = append(n.Mailboxes, news)
		}
	}
	slices.Reverse(n.Mailboxes)
	w.told = a.stamp
	w.made, w.noted = nil, nil
	return n
}

// mailbox says what is new in one mailbox. Callers hold the account's lock.
func (w *Watch) mailbox(m *mailbox, entries []string) (MailboxNews, bool) {
	s := &m.stamps
	news := MailboxNews{Status: m.status(), Name: m.name(), Entries: entries}
	news.Subscribed = w.account.subscribed[news.Name]
	news.Messages, news.Flags, news.Unseen = s.messages > w.told, s.flags > w.told, s.unseen > w.told
	if w.mine(m, &news.Status) {
		news.Messages, news.Flags, news.Unseen = false, false, false
	}
	return news, news.Messages || news.Flags || news.Unseen || len(news.Entries) > 0
}

// stampRow notes how a commit changes a mailbox. Callers hold mu for writing.
func (a *Account) stampRow(m *mailbox, was, is *storage.Mailbox) {
	s := &m.stamps
	if was.ModSeq == is.ModSeq && was.UIDNext == is.UIDNext {
		return
	}
	a.touch(m)
	s.flags = a.stamp
	if was.UIDNext != is.UIDNext || was.Messages != is.Messages {
		s.was.stamp, s.was.uidNext, s.was.messages, s.was.modSeq = s.messages, was.UIDNext, was.Messages, was.ModSeq
		s.messages = a.stamp
	}
	if was.Unseen != is.Unseen {
		s.unseen = a.stamp
	}
}

// touch makes a mailbox the one that changed last. Callers hold mu for writing.
func (a *Account) touch(m *mailbox) {
	a.unlink(m)
	m.stamps.touched = a.stamp
	m.stamps.older = a.newest
	if a.newest != nil {
		a.newest.stamps.newer = m
	}
	a.newest = m
}

// unlink takes a mailbox out of the order of changes. Callers hold mu for writing.
func (a *Account) unlink(m *mailbox) {
	s := &m.stamps
	if s.newer != nil {
		s.newer.stamps.older = s.older
	}
	if s.older != nil {
		s.older.stamps.newer = s.newer
	}
	if a.newest == m {
		a.newest = s.older
	}
	s.newer, s.older = nil, nil
}

// wakeWatches tells every watch's owner that there may be something to pull.
func (a *Account) wakeWatches() {
	a.mu.RLock()
	defer a.mu.RUnlock()
	a.backend.meters.wakes.Add(uint64(len(a.watches)))
	for _, w := range a.watches {
		w.wake()
	}
}
