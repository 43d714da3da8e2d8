package backend

import (
	"errors"
	"slices"
	"time"

	"satchel/storage"
)

// tidyEvery is how often the backend looks for what can be closed and cleared.
const tidyEvery = 30 * time.Second

// purgeEvery is how often an account is looked through for what can be erased.
const purgeEvery = time.Hour

// What one transaction erases at most: messages with their bytes, and runs of
// expunged UIDs. Messages to be erased are looked for purgeRead at a time.
const (
	purgeBatch    = 200
	purgeRead     = 10_000
	vanishedBatch = 10_000
)

// tidy closes what nobody uses, and erases what was expunged long ago, until the
// backend closes.
func (b *Backend) tidy() {
	t := time.NewTicker(tidyEvery)
	defer t.Stop()
	for {
		select {
		case <-b.ctx.Done():
			return
		case now := <-t.C:
			b.tidyAt(now)
		}
	}
}

func (b *Backend) tidyAt(now time.Time) {
	b.evictIndexes(now)
	b.served.save(now, b.cfg.Log)
	b.lookAtDirectory()
	for _, a := range b.opened() {
		if !a.writer.ended() && a.lostBy(a.mail.InPlace()) {
			continue
		}
		a.mail.SetServed(b.served.at(now))
		if err := a.purge(now, now.Add(-b.cfg.KeepGone)); b.ctx.Err() != nil {
			return
		} else if err != nil {
			a.trouble("purge expunged messages", err)
		}
		if err := a.forgetVanished(now, now.Add(-b.cfg.KeepVanished)); err != nil {
			a.trouble("forget expunged UIDs", err)
		}
		if err := a.keepRecent(); err != nil {
			a.trouble("keep recent", err)
		}
		if err := errors.Join(a.settle(), a.texts.rest()); err != nil {
			a.trouble("checkpoint", err)
		}
		a.retryIndex(now)
	}
	for _, a := range b.retire(now.Add(-b.cfg.KeepOpen)) {
		if err := a.close(); err != nil {
			b.cfg.Log.Error("close account", "account", a.name, "error", err)
		}
		b.forget(a)
	}
}

// opened lists the accounts whose files are open. They stay so while the caller,
// tidy's goroutine, does not close them itself, but for those that are lost.
func (b *Backend) opened() []*Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []*Account
	for _, a := range b.accounts {
		if a.ready {
			list = append(list, a)
		}
	}
	return list
}

// retire lists the accounts that nobody has used since before, but for those that are
// being closed already. Whoever wants one of them from now on waits until it is
// forgotten.
func (b *Backend) retire(before time.Time) []*Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []*Account
	for _, a := range b.accounts {
		if a.ready && a.closing == nil && a.uses == 0 && a.idle.Before(before) {
			a.closing = make(chan struct{})
			list = append(list, a)
		}
	}
	return list
}

func (b *Backend) forget(a *Account) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.accounts, a.id)
	close(a.closing)
}

// purge erases the bytes of messages expunged before a time, by the clock and by how
// long the server has run, once in a while and unless some view still counts expunged
// messages. An Erase that did not come to its end is finished. When the backend closes,
// what is left is for the next time.
func (a *Account) purge(now, before time.Time) error {
	if now.Before(a.purgedAt.Add(purgeEvery)) || slices.ContainsFunc(a.mailboxes(), (*mailbox).countsGone) {
		return nil
	}
	a.purgedAt = now
	if err := a.write(&change{run: (*storage.Tx).BoundServed}); err != nil {
		return err
	}
	served := a.backend.served.at(before)
	for more := true; more; {
		ids, err := a.mail.Expired(served, before, now, purgeRead)
		if err != nil {
			return err
		}
		if _, err := a.eraseBytes(ids, false, func(int) error { return a.backend.ctx.Err() }); err != nil {
			return err
		}
		more = len(ids) == purgeRead
	}
	if err := a.write(&change{run: (*storage.Tx).ForgetFormer}); err != nil {
		return err
	}
	return errors.Join(a.clean(a.backend.ctx), a.countExpunged())
}

// countExpunged notes what is kept, for Stats.
func (a *Account) countExpunged() error {
	n, bytes, err := a.mail.OrphanTotal()
	a.expunged.Store(int64(n))
	a.expungedBytes.Store(bytes)
	return err
}

// maxVanished bounds the runs of expunged UIDs that a mailbox remembers: about
// 3 MB of the file.
const maxVanished = 100_000

// forgetVanished drops the memory of UIDs expunged before a time, once a day.
func (a *Account) forgetVanished(now, before time.Time) error {
	if now.Before(a.forgotAt.Add(24 * time.Hour)) {
		return nil
	}
	a.forgotAt = now
	for _, m := range a.mailboxes() {
		for done := false; !done; {
			err := a.write(&change{run: func(tx *storage.Tx) (err error) {
				done, err = tx.ForgetExpunged(m.id, before, maxVanished, vanishedBatch)
				return err
			}})
			if errors.Is(err, ErrNotFound) { // deleted at this moment
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// settle folds the write-ahead log into the file when nothing has been written
// since the last call, but something before it. Only tidy's goroutine calls it.
func (a *Account) settle() error {
	n := a.writer.commits.Load()
	quiet := n == a.seenCommits && n != a.settledAt
	a.seenCommits = n
	if !quiet {
		return nil
	}
	a.settledAt = n
	return a.mail.Checkpoint()
}

func (m *mailbox) countsGone() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.idx != nil && len(m.idx.gone) > 0
}

// evictIndexes drops the indexes that have been unused for long, and the longest
// unused of the others while all of them take more than their share of memory.
func (b *Backend) evictIndexes(now time.Time) {
	type kept struct {
		m     *mailbox
		since time.Time
		bytes int64
	}
	var list []kept
	var total int64
	for _, a := range b.opened() {
		for _, m := range a.mailboxes() {
			if bytes, since := m.evict(now.Add(-b.cfg.KeepOpen)); bytes > 0 {
				list, total = append(list, kept{m, since, bytes}), total+bytes
			}
		}
	}
	slices.SortFunc(list, func(x, y kept) int { return x.since.Compare(y.since) })
	for _, k := range list {
		if total <= b.cfg.IndexMemory {
			return
		}
		if bytes, _ := k.m.evict(now); bytes == 0 {
			total -= k.bytes
		}
	}
}
