package backend

import (
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	indexPause = 200 * time.Millisecond // from a message's arrival until it is indexed: others may follow
	// indexYield: while mail is being stored, indexing rests so many times as long as
	// it works.
	indexYield = 8
)

// indexer brings the search indexes of all accounts up to date, one account at a
// time, in the background.
type indexer struct {
	mu   sync.Mutex
	due  []*Account    // guarded by mu
	wake chan struct{} // has room for one
	turn time.Duration // extractTurn
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

// take takes all accounts that wait.
func (x *indexer) take() []*Account {
	x.mu.Lock()
	defer x.mu.Unlock()
	due := x.due
	x.due = nil
	return due
}

// indexMail indexes what arrives until the backend closes.
func (b *Backend) indexMail() {
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-b.indexer.wake:
		}
		if b.pause(indexPause) != nil {
			return
		}
		for due := b.indexer.take(); len(due) > 0; {
			if due = b.indexEach(due); len(due) == 0 {
				break // what has arrived meanwhile waits for others, too
			}
			for _, a := range b.indexer.take() {
				if !slices.Contains(due, a) {
					due = append(due, a)
				}
			}
		}
	}
}

// indexEach indexes one segment's worth of each account's messages, and returns the
// accounts that have more.
func (b *Backend) indexEach(due []*Account) (unfinished []*Account) {
	for _, a := range due {
		if !b.hold(a) {
			continue
		}
		if b.indexAccount(a) {
			unfinished = append(unfinished, a)
		}
		a.Release()
	}
	return unfinished
}

// pause waits. ErrClosed when the backend closes.
func (b *Backend) pause(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-b.ctx.Done():
		return ErrClosed
	case <-t.C:
		return nil
	}
}

// indexAccount indexes one segment's worth of an account's messages and reports
// whether it has more.
func (b *Backend) indexAccount(a *Account) (more bool) {
	more, err := a.indexSome(b.yield(a))
	if err == nil {
		return more
	}
	if !errors.Is(err, ErrClosed) {
		a.trouble("index messages", err)
		a.texts.failed.Store(true)
	}
	return false
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
		if err == nil && a.givenUp.Load() {
			err = ErrClosed
		}
		began = time.Now()
		return err
	}
}
