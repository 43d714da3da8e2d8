package backend

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"satchel/storage"
)

// mailbox is a mailbox in memory: its counters always, its index while somebody
// has it selected and for a while after.
type mailbox struct {
	account *Account
	id      storage.MailboxID

	stamps      stamps           // guarded by account.mu
	annotations []AnnotationSize // sorted, never changed in place; guarded by account.mu

	mu     sync.RWMutex
	row    storage.Mailbox // as of the last commit; guarded by mu
	idx    *index          // nil when not loaded; guarded by mu
	sort   *sortCache      // what SORT and THREAD compare, nil until used; guarded by mu
	views  []*View         // guarded by mu
	unused time.Time       // since when there is no view; guarded by mu
	gone   bool            // deleted; guarded by mu
	// recentDirty says that row.Recent is ahead of the disk. Guarded by mu.
	recentDirty bool
}

// withIndex calls use with the index in memory and mu held, so that it cannot be
// dropped again in between. It is read in a turn of the writer's lane: no change can
// slip between reading and using it.
func (m *mailbox) withIndex(use func() error) error {
	if done, err := m.ifLoaded(use); done {
		return err
	}
	return m.account.write(&change{alone: true, run: func(*storage.Tx) error {
		if done, err := m.ifLoaded(use); done { // only this lane brings it in
			return err
		}
		x := newIndex(int(m.row.Messages), m.row.ModSeq)
		err := m.account.mail.Entries(m.id, func(e *storage.Entry) error {
			x.add(e)
			return nil
		})
		if err != nil {
			return fmt.Errorf("load mailbox %q: %w", m.row.Name, err)
		}
		x.removed = m.row.ModSeq
		m.mu.Lock()
		defer m.mu.Unlock()
		m.idx, m.unused = x, time.Now()
		return use()
	}})
}

// ifLoaded is withIndex for an index that is there, or not needed any more.
func (m *mailbox) ifLoaded(use func() error) (done bool, err error) {
	m.account.step.RLock()
	defer m.account.step.RUnlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.idx == nil && !m.gone {
		return false, nil
	}
	return true, use()
}

// added brings new messages into the index; publish has set the counters.
func (m *mailbox) added(entries []storage.Entry) {
	m.account.backend.indexer.notice(m.account)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.idx == nil {
		return
	}
	for i := range entries {
		m.idx.add(&entries[i])
	}
}

// expunged takes messages out of the index.
func (m *mailbox) expunged(uids []UID, modseq ModSeq) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.idx == nil || len(uids) == 0 {
		return
	}
	places := m.idx.places(uids)
	if len(places) > 0 {
		m.idx.expunge(places, modseq, len(m.views) > 0)
	}
}

// places finds ascending UIDs; those that are not there are left out.
func (x *index) places(uids []UID) []int {
	places := make([]int, 0, len(uids))
	at := 0
	for _, uid := range uids {
		i, ok := x.find(uid, at)
		if ok {
			places = append(places, i)
			at = i + 1
		}
	}
	return places
}

// wake tells every view's owner that there is something to pull.
func (m *mailbox) wake() {
	m.mu.RLock()
	defer m.mu.RUnlock()
	m.account.backend.meters.wakes.Add(uint64(len(m.views)))
	for _, v := range m.views {
		v.wake()
	}
}

// name is the mailbox's present name.
func (m *mailbox) name() string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.row.Name
}

// status reads the counters.
func (m *mailbox) status() Status {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return Status{
		ID: m.id, Messages: m.row.Messages, Unseen: m.row.Unseen, Deleted: m.row.Deleted, Recent: m.unclaimed(),
		UIDNext: m.row.UIDNext, UIDValidity: m.row.UIDValidity, HighestModSeq: m.row.ModSeq, Size: m.row.Size,
	}
}

// DeletedBytes sums up the messages of a mailbox that have \Deleted: so much an
// EXPUNGE takes off the account's usage. It is read from memory while the mailbox is
// open or has none.
func (a *Account) DeletedBytes(id MailboxID) (int64, error) {
	m := a.byMailboxID(id)
	if m == nil {
		return 0, ErrNotFound
	}
	if n, known := m.deletedBytes(); known {
		return n, nil
	}
	return a.mail.DeletedBytes(id)
}

func (m *mailbox) deletedBytes() (n int64, known bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.row.Deleted == 0 || m.idx == nil {
		return 0, m.row.Deleted == 0
	}
	for i, flags := range m.idx.flags {
		if flags&FlagDeleted != 0 {
			n += int64(m.idx.size[i])
		}
	}
	return n, true
}

// unclaimed counts the messages that no session has been told of as \Recent.
// Without an index it is an upper bound: some may be expunged again. Callers
// hold mu.
func (m *mailbox) unclaimed() uint32 {
	if m.row.Recent >= m.row.UIDNext {
		return 0
	}
	if m.idx != nil {
		i, _ := slices.BinarySearch(m.idx.uid, m.row.Recent)
		return uint32(len(m.idx.uid) - i)
	}
	return min(uint32(m.row.UIDNext-m.row.Recent), m.row.Messages)
}

// trim lets views' common past go: removals that all have told are forgotten.
// Callers hold mu.
func (m *mailbox) trim() {
	told := m.idx.removed
	for _, v := range m.views {
		told = min(told, v.removedTo)
	}
	m.idx.forget(told)
}

// evict drops the index, and what sorting needs, if nobody has used it since before;
// of an open mailbox only the latter. For what is unused and stays it gives the
// bytes, and since when it is unused.
func (m *mailbox) evict(before time.Time) (bytes int64, since time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sort != nil {
		bytes, since = m.sort.bytes.Load(), time.Unix(0, m.sort.used.Load())
	}
	if m.idx != nil && len(m.views) == 0 {
		bytes, since = bytes+m.idx.bytes(), m.unused
	}
	if since.After(before) {
		return bytes, since
	}
	m.sort = nil
	if len(m.views) == 0 {
		m.idx = nil
	}
	return 0, since
}

// Status is what STATUS answers.
type Status struct {
	ID                                MailboxID
	Messages, Recent, Unseen, Deleted uint32
	UIDNext                           UID
	UIDValidity                       uint32
	HighestModSeq                     ModSeq
	Size                              int64 // bytes of all messages
	DeletedBytes                      int64 // of those with \Deleted: only where Account.DeletedBytes was asked
}
