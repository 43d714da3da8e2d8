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
	items   []*batchItem
	started int   // items that are prepared, or being prepared
	waiting int64 // bytes of those after them
	work    sync.WaitGroup
	turns   chan struct{} // as many are prepared at a time as there are processors
}

type batchItem struct {
	in    *Incoming
	ready *storage.NewMessage // nil until it is prepared
	err   error
}

// batchShare is how many bytes of mail are worth a goroutine: waking one costs
// as much as preparing a few KiB.
const batchShare = 64 << 10

// Add takes a message. Its spool belongs to the batch from now on, and is
// complete.
func (b *Batch) Add(in *Incoming) {
	if b.waiting >= batchShare {
		b.start()
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
	items := b.take()
	b.turns <- struct{}{}
	b.work.Go(func() {
		prepareAll(items)
		<-b.turns
	})
}

func prepareAll(items []*batchItem) {
	for _, it := range items {
		if it.ready == nil {
			it.ready, it.err = prepare(it.in)
		}
	}
}

// prepare sees to it that nothing is left to do but to write.
func (b *Batch) prepare() error {
	prepareAll(b.take()) // a message alone, or the last ones, are not worth a goroutine
	b.work.Wait()
	for _, it := range b.items {
		if it.err != nil {
			return it.err
		}
	}
	return nil
}

// Close gives the messages' spools back.
func (b *Batch) Close() {
	b.work.Wait()
	for _, it := range b.items {
		it.in.Body.Close()
	}
}
