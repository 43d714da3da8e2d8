package backend

import (
	"runtime"
	"sync"

	"satchel/storage"
)

// Batch is messages on their way into a mailbox together. While one is being
// read those before it are parsed and compressed in the background. The zero
// value is empty. It belongs to one goroutine, and is closed when done.
type Batch struct {
	items []*batchItem
	work  sync.WaitGroup
	turns chan struct{} // as many are prepared at a time as there are processors
}

type batchItem struct {
	in      *Incoming
	started bool
	ready   *storage.NewMessage
	err     error
}

// Add takes a message. Its spool belongs to the batch from now on, and is
// complete.
func (b *Batch) Add(in *Incoming) {
	if n := len(b.items); n > 0 {
		b.start(b.items[n-1])
	}
	b.items = append(b.items, &batchItem{in: in})
}

// start prepares a message in the background.
func (b *Batch) start(it *batchItem) {
	if b.turns == nil {
		b.turns = make(chan struct{}, runtime.GOMAXPROCS(0))
	}
	it.started = true
	b.turns <- struct{}{}
	b.work.Go(func() {
		it.ready, it.err = prepare(it.in)
		<-b.turns
	})
}

// prepare sees to it that nothing is left to do but to write.
func (b *Batch) prepare() error {
	// A message alone, or the last one, is not worth a goroutine.
	if n := len(b.items); n > 0 && !b.items[n-1].started {
		it := b.items[n-1]
		it.started = true
		it.ready, it.err = prepare(it.in)
	}
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
