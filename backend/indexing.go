package backend

import (
	"errors"
	"io/fs"
	"slices"
	"sync"
	"time"
)

const (
	indexPause = 200 * time.Millisecond // from a message's arrival until it is indexed: others may follow
	// indexYield: while mail is being stored, indexing rests so many times as long as
	// it works.
	indexYield = 4
)

// indexer brings the search indexes of all accounts up to date, one account at a
// time, in the background.
type indexer struct {
	mu   sync.Mutex
	due  []*Account    // guarded by mu
	wake chan struct{} // has room for one
}

// notice has an account looked at soon.
func (x *indexer) notice(a *Account) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if slices.Contains(x.due, a) {
		return
	}
	x.due = append(x.due, a)
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// next takes the account that has waited longest.
func (x *indexer) next() *Account {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.due) == 0 {
		return nil
	}
	a := x.due[0]
	x.due = slices.Delete(x.due, 0, 1)
	return a
}

// indexMail indexes what arrives until the backend closes.
func (b *Backend) indexMail() {
	for {
		select {
		case <-b.stop:
			return
		case <-b.indexer.wake:
		}
		if b.pause(indexPause) != nil {
			return
		}
		for a := b.indexer.next(); a != nil; a = b.indexer.next() {
			if b.hold(a) {
				b.indexAccount(a)
				a.Release()
			}
		}
	}
}

// pause waits. ErrClosed when the backend closes.
func (b *Backend) pause(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-b.stop:
		return ErrClosed
	case <-t.C:
		return nil
	}
}

// indexAccount indexes one segment's worth of an account's messages.
func (b *Backend) indexAccount(a *Account) {
	more, err := a.indexSome(b.yield(a))
	switch {
	case err == nil && more:
		b.indexer.notice(a)
	case err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, fs.ErrNotExist): // the folder of a removed account
		b.cfg.Log.Error("index messages", "account", a.name, "err", err)
		a.texts.failed.Store(true)
	}
}

// indexRetry is how long indexing waits after an error such as a full disk, unless mail
// arrives before.
const indexRetry = 10 * time.Minute

// retryIndex has an account looked at again that could not be indexed.
func (a *Account) retryIndex(now time.Time) {
	if now.Sub(a.retriedAt) >= indexRetry && a.texts.failed.Swap(false) {
		a.retriedAt = now
		a.backend.indexer.notice(a)
	}
}

// yield gives a function that is to be called between two pieces of work: it leaves
// the machine to those who store mail in the account.
func (b *Backend) yield(a *Account) func() error {
	commits, began := a.writer.commits.Load(), time.Now()
	return func() error {
		rest := time.Duration(0)
		if n := a.writer.commits.Load(); n != commits {
			commits, rest = n, indexYield*time.Since(began)
		}
		err := b.pause(rest)
		began = time.Now()
		return err
	}
}
