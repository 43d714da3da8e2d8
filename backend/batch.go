package backend

import (
	"runtime"
	"sync"

	"satchel/storage"
)

// Batch is messages on their way into a mailbox together. While some are being
// read those before them are parsed and compressed in the background. The zero
// value is empty. It belongs to one goroutine, and is closed when done.
type Batch struct {
	From Numbering // of the UIDs that the messages bring

	items   []*batchItem
	started int           // items that are prepared, or being prepared
	waiting int64         // bytes of those after them
	shares  []*batchShare // being prepared, in order
	ahead   int64         // bytes of these
	work    sync.WaitGroup
	turns   chan struct{} // as many are prepared at a time as there are processors

	delivery bool // it may use the grace of a quota
}

type batchItem struct {
	in    *Incoming
	share *batchShare         // that it is prepared with; nil when nobody need wait for it
	ready *storage.NewMessage // nil until it is prepared
	err   error
}

// batchShare is items that are prepared together in the background.
type batchShare struct {
	items []*batchItem
	bytes int64
	done  chan struct{} // closed when they are prepared
}

const (
	// shareBytes of mail are worth a goroutine: waking one costs as much as
	// preparing a few KiB.
	shareBytes = 64 << 10
	// batchAhead bounds the mail that was read and is not prepared yet. So much is
	// left to prepare while the first messages are written: a few milliseconds.
	batchAhead = 1 << 20
)

// Add takes a message. Its spool belongs to the batch from now on, and is
// complete.
func (b *Batch) Add(in *Incoming) {
	if b.waiting >= shareBytes {
		b.start()
		b.await(batchAhead)
	}
	b.items = append(b.items, &batchItem{in: in})
	b.waiting += in.Body.Size()
}

// take returns the items that nobody prepares yet.
func (b *Batch) take() []*batchItem {
	items := b.items[b.started:]
	b.started, b.waiting = len(b.items), 0
	return items
}

// start prepares what waits in the background.
func (b *Batch) start() {
	if b.turns == nil {
		b.turns = make(chan struct{}, runtime.GOMAXPROCS(0))
	}
	share := &batchShare{bytes: b.waiting, done: make(chan struct{})}
	share.items = b.take()
	for _, it := range share.items {
		it.share = share
	}
	b.shares, b.ahead = append(b.shares, share), b.ahead+share.bytes
	b.work.Go(func() {
		b.turns <- struct{}{}
		prepareAll(share.items)
		<-b.turns
		close(share.done)
	})
}

// await returns when at most limit bytes are still being prepared.
func (b *Batch) await(limit int64) {
	for b.ahead > limit {
		<-b.shares[0].done
		b.ahead -= b.shares[0].bytes
		b.shares = b.shares[1:]
	}
}

func prepareAll(items []*batchItem) {
	for _, it := range items {
		if it.ready == nil {
			it.ready, it.err = prepare(it.in)
		}
	}
}

// prepare sees to it that little is left to do but to write: each item's wait has
// the rest. A message alone, or a few, are prepared here.
func (b *Batch) prepare() error {
	if len(b.shares) > 0 && b.waiting > 0 {
		b.start()
	}
	prepareAll(b.take())
	b.await(batchAhead)
	for _, it := range b.items {
		if it.share == nil && it.err != nil {
			return it.err
		}
	}
	return nil
}

// wait returns when the message is prepared.
func (it *batchItem) wait() error {
	if it.share != nil {
		<-it.share.done
	}
	return it.err
}

// Close gives the messages' memory back.
func (b *Batch) Close() {
	b.work.Wait()
	for _, it := range b.items {
		it.in.Body.Close()
		if it.ready != nil {
			it.ready.Release()
		}
	}
	b.items = nil
}
