package backend

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"satchel/storage"
)

// maxBatch bounds the changes that share one transaction.
const maxBatch = 256

// change is one request to write. run decides and writes, within a savepoint of
// its own; apply brings the memory in step once the commit is on disk.
type change struct {
	run   func(tx *storage.Tx) error
	apply func()
	// alters names what run decides upon or changes beyond adding messages: a
	// *mailbox for its existing messages, the *Account for its tree of names. Two
	// changes with one in common never share a transaction: the second must see
	// the first's effect in memory.
	alters []any
	// alone asks for a turn between transactions: run gets a nil Tx.
	alone bool
	// delivery may use the grace of a quota.
	delivery bool

	err  error
	turn chan bool // true: lead the next batch; false: done
}

// writer is the account's single lane of changes: whoever finds it free leads,
// commits what has queued up meanwhile in one transaction (group commit), and
// hands the lead on. It needs no goroutine of its own.
type writer struct {
	mu    sync.Mutex
	queue []*change // guarded by mu
	busy  bool      // guarded by mu
	over  error     // why no more changes are taken; guarded by mu

	idle chan struct{} // closed when nothing is left to do, for who waits for that; guarded by mu

	commits atomic.Uint64
	folding atomic.Bool    // the log is being folded
	work    sync.WaitGroup // in the background
}

// write has c's transaction on disk, its effect in memory and the sessions
// concerned awake when it returns nil, in this order.
func (a *Account) write(c *change) error {
	w := &a.writer
	w.mu.Lock()
	if err := w.over; err != nil {
		w.mu.Unlock()
		return err
	}
	w.queue = append(w.queue, c)
	if w.busy {
		c.turn = make(chan bool, 1)
		w.mu.Unlock()
		if lead := <-c.turn; !lead {
			return c.err
		}
	} else {
		w.busy = true
		w.mu.Unlock()
	}
	a.lead()
	return c.err
}

// errBrokenOff is what the changes of a transaction end with of which one panicked.
var errBrokenOff = errors.New("the transaction broke off")

// lead commits one batch, whose first change is the caller's, and hands on, also when
// one of them panics: its session survives that, and so must the account.
func (a *Account) lead() {
	w := &a.writer
	w.mu.Lock()
	batch := w.take()
	w.mu.Unlock()
	whole := false
	defer func() {
		if !whole {
			fail(batch, errBrokenOff)
		}
		for _, c := range batch[1:] {
			c.turn <- false
		}
		if a.mail.LogIsLong() && w.folding.CompareAndSwap(false, true) {
			w.work.Go(a.fold)
		}
		a.handOn()
	}()
	a.commit(batch)
	whole = true
}

// fold keeps the write-ahead log short, while the lane goes on.
func (a *Account) fold() {
	defer a.writer.folding.Store(false)
	if err := a.mail.Fold(); err != nil {
		a.trouble("checkpoint", err)
	}
}

// handOn gives the lead to whoever waits first, if anybody does.
func (a *Account) handOn() {
	w := &a.writer
	w.mu.Lock()
	if w.busy = len(w.queue) > 0; w.busy {
		w.queue[0].turn <- true
	} else if w.idle != nil {
		close(w.idle)
		w.idle = nil
	}
	w.mu.Unlock()
}

// take cuts the next batch off the queue, in order of arrival.
func (w *writer) take() []*change {
	n := 1
	if !w.queue[0].alone {
		altered := slices.Clone(w.queue[0].alters)
		for n < len(w.queue) && n < maxBatch {
			c := w.queue[n]
			if c.alone || slices.ContainsFunc(c.alters, func(x any) bool { return slices.Contains(altered, x) }) {
				break
			}
			altered = append(altered, c.alters...)
			n++
		}
	}
	batch := w.queue[:n:n]
	w.queue = append([]*change(nil), w.queue[n:]...)
	return batch
}

// commit runs a batch in one transaction. A change that fails is undone alone;
// when the commit itself fails, all have failed.
func (a *Account) commit(batch []*change) {
	if batch[0].alone {
		batch[0].err = batch[0].run(nil)
		a.lostBy(batch[0].err)
		return
	}
	m, began := a.backend.meters, time.Now()
	tx, err := a.mail.Begin()
	if err != nil {
		a.failed(batch, err)
		return
	}
	defer tx.Rollback()
	if len(batch) == 1 {
		// What is alone is undone with its transaction and needs no savepoint.
		if batch[0].err = a.perform(tx, batch[0]); batch[0].err != nil {
			return
		}
	} else {
		for _, c := range batch {
			c.err = a.attempt(tx, c)
		}
	}
	if err := tx.Commit(); err != nil {
		a.failed(batch, err)
		return
	}
	m.commits.AddTime(time.Since(began))
	m.batches.Add(uint64(len(batch)))
	a.writer.commits.Add(1)
	a.takeStep(tx, batch)
	a.wakeTouched(tx.Touched())
	a.wakeWatches()
	if tx.Grown() != (Usage{}) {
		a.noteQuota()
	}
}

// perform runs a change and looks at what it has added.
func (a *Account) perform(tx *storage.Tx, c *change) error {
	before := tx.Grown()
	if err := c.run(tx); err != nil {
		return err
	}
	return a.withinQuota(before, tx.Grown(), c.delivery)
}

func (a *Account) attempt(tx *storage.Tx, c *change) error {
	if err := tx.Savepoint(); err != nil {
		return err
	}
	if err := a.perform(tx, c); err != nil {
		return errors.Join(err, tx.RollbackTo())
	}
	return tx.Release()
}

func fail(batch []*change, err error) {
	for _, c := range batch {
		if c.err == nil {
			c.err = err
		}
	}
}

// ended reports whether the lane takes no more changes.
func (w *writer) ended() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.over != nil
}

// refuse has the lane take no more changes, which end with why from now on. Those that wait are finished. It reports
// whether the lane had taken changes until now.
func (w *writer) refuse(why error) (first bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	first = w.over == nil
	if first {
		w.over = why
	}
	return first
}

// close ends the lane: later changes are refused, and when it returns those that had
// come are finished. Nothing may take the files away before.
func (w *writer) close() {
	w.refuse(ErrClosed)
	<-w.rested()
	w.work.Wait()
}

// rested is closed once no change is under way. There must be nobody else who waits.
func (w *writer) rested() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	idle := make(chan struct{})
	if w.busy {
		w.idle = idle
	} else {
		close(idle)
	}
	return idle
}
