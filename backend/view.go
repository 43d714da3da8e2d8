package backend

import (
	"fmt"
	"slices"
	"time"
)

// View is one session's picture of a selected mailbox: what its client has been
// told, and so what sequence numbers mean. Sequence numbers live here and nowhere
// below. Only one goroutine may use a view; many views of a mailbox may be in
// use at once.
type View struct {
	account  *Account
	mailbox  *mailbox
	readOnly bool
	wake     func()

	// uids and msgs are the messages that the client counts, in order. They share
	// the index's arrays until an expunge that the client has not been told.
	uids []UID
	msgs []MessageID
	last UID // highest UID ever told
	next UID // UIDNEXT when the view was opened

	told      ModSeq // changes of flags told up to here
	pulled    ModSeq // the mailbox's mod-sequence at the last Pull
	holds     bool   // changes of flags wait
	removedTo ModSeq // expunges told up to here
	keywords  int    // how many of the mailbox's keywords have been told
	recent    []uidRange

	own     []ModSeq       // own changes since the last Pull whose effect the client knows
	dirty   map[UID]bool   // messages in own that others had changed before, untold
	fetched map[UID]ModSeq // changes of others that a FETCH has told since the last Pull
}

// uidRange is a range of UIDs, both ends included.
type uidRange struct{ first, last UID }

// Open selects a mailbox. wake is called after each commit that concerns it,
// from any goroutine; it must not block, and Pull then tells what changed. With
// readOnly (EXAMINE) nothing can be changed through the view and no message
// loses \Recent.
func (a *Account) Open(name string, readOnly bool, wake func()) (*View, error) {
	m, err := a.mailbox(name)
	if err != nil {
		return nil, err
	}
	v := &View{account: a, mailbox: m, readOnly: readOnly, wake: wake}
	if err := m.withIndex(v.attach); err != nil {
		return nil, err
	}
	return v, nil
}

// attach joins the mailbox's views. Callers hold the mailbox's lock.
func (v *View) attach() error {
	m := v.mailbox
	if m.gone {
		return fmt.Errorf("mailbox %q: %w", m.row.Name, ErrNotFound)
	}
	m.views = append(m.views, v)
	v.told, v.pulled = m.row.ModSeq, m.row.ModSeq
	v.removedTo, v.keywords = m.idx.removed, len(m.row.Keywords)
	v.align(len(m.idx.uid))
	v.next = m.row.UIDNext
	v.claim(1, v.next)
	return nil
}

// align makes the first n messages of the index the client's picture. Callers
// hold the mailbox's lock.
func (v *View) align(n int) {
	x := v.mailbox.idx
	v.uids, v.msgs = x.uid[:n:n], x.msg[:n:n]
	if n > 0 {
		v.last = max(v.last, x.uid[n-1])
	}
}

// claim makes the messages from first up to before next \Recent for this
// session if no other had them first: exactly one session is told (RFC 3501,
// 2.3.2). A read-only session sees them as recent but leaves them so. Callers
// hold the mailbox's lock.
func (v *View) claim(first, next UID) {
	m := v.mailbox
	first = max(first, m.row.Recent)
	if first >= next {
		return
	}
	if n := len(v.recent); n > 0 && v.recent[n-1].last+1 == first {
		v.recent[n-1].last = next - 1
	} else {
		v.recent = append(v.recent, uidRange{first, next - 1})
	}
	if !v.readOnly {
		m.row.Recent, m.recentDirty = next, true
	}
}

// Gone reports whether the mailbox was deleted.
func (v *View) Gone() bool {
	m := v.mailbox
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.gone
}

// Close ends the view. The index stays in memory for a while.
func (v *View) Close() {
	m := v.mailbox
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.views, v); i >= 0 {
		m.views = slices.Delete(m.views, i, i+1)
	}
	if len(m.views) == 0 {
		m.unused = time.Now()
	}
	if m.idx != nil {
		m.trim()
	}
}

// Name is the mailbox's present name: another session may have renamed it.
func (v *View) Name() string { return v.mailbox.name() }

// MailboxID names the mailbox whatever it is called.
func (v *View) MailboxID() MailboxID { return v.mailbox.id }

// ReadOnly reports whether the mailbox was opened by EXAMINE.
func (v *View) ReadOnly() bool { return v.readOnly }

// Exists is the number of messages that the client counts.
func (v *View) Exists() uint32 { return uint32(len(v.uids)) }

// UIDValidity never changes for a mailbox (RFC 3501, 2.3.1.1).
func (v *View) UIDValidity() uint32 {
	v.mailbox.mu.RLock()
	defer v.mailbox.mu.RUnlock()
	return v.mailbox.row.UIDValidity
}

// UIDNext is what it was when the view was opened: all that Pull tells of as new has
// it or a higher UID (RFC 3501, 2.3.1.1).
func (v *View) UIDNext() UID { return v.next }

// PulledModSeq is the mailbox's mod-sequence at the last Pull, whatever the client has
// still to be told of what happened up to it.
func (v *View) PulledModSeq() ModSeq { return v.pulled }

// HoldFlags says whether Pull keeps changes of flags back, for a Pull that does not.
func (v *View) HoldFlags(on bool) { v.holds = on }

// HighestModSeq is never above what the client has been told (RFC 7162, 3.1.2.1).
func (v *View) HighestModSeq() ModSeq {
	v.mailbox.mu.RLock()
	defer v.mailbox.mu.RUnlock()
	if v.removedTo < v.mailbox.idx.removed {
		return min(v.told, v.mailbox.idx.firstGone(v.removedTo)-1)
	}
	return v.told
}

// Keywords are all that the mailbox has seen, in order of first use.
func (v *View) Keywords() []string {
	v.mailbox.mu.RLock()
	defer v.mailbox.mu.RUnlock()
	v.keywords = len(v.mailbox.row.Keywords)
	return v.mailbox.row.Keywords
}

// NewKeywords are all that the mailbox has seen if the client has not been told
// of some, else nil. They count as told then.
func (v *View) NewKeywords() []string {
	v.mailbox.mu.RLock()
	defer v.mailbox.mu.RUnlock()
	if len(v.mailbox.row.Keywords) == v.keywords {
		return nil
	}
	v.keywords = len(v.mailbox.row.Keywords)
	return v.mailbox.row.Keywords
}

// Recent counts the messages that are \Recent for this session.
func (v *View) Recent() uint32 {
	n := 0
	for _, r := range v.recent {
		from, _ := slices.BinarySearch(v.uids, r.first)
		to, _ := slices.BinarySearch(v.uids, r.last+1)
		n += to - from
	}
	return uint32(n)
}

func (v *View) isRecent(uid UID) bool {
	for _, r := range v.recent {
		if r.first <= uid && uid <= r.last {
			return true
		}
	}
	return false
}

// FirstUnseen is the sequence number of the first message without \Seen, 0 if
// there is none.
func (v *View) FirstUnseen() uint32 {
	m := v.mailbox
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.row.Unseen == 0 {
		return 0
	}
	for i, f := range m.idx.flags {
		if f&FlagSeen == 0 {
			if place, ok := slices.BinarySearch(v.uids, m.idx.uid[i]); ok {
				return uint32(place + 1)
			}
		}
	}
	return 0
}

// Fetched notes that the client was told a message's flags as they are in a row,
// so that Pull need not tell them again.
func (v *View) Fetched(row *Row) {
	if row.ModSeq <= v.told {
		return
	}
	if v.fetched == nil {
		v.fetched = map[UID]ModSeq{}
	}
	v.fetched[row.UID] = row.ModSeq
}
