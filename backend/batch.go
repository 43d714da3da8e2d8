package backend

import (
	"math"
	"runtime"
	"sync"

	"satchel/storage"
)

// Batch is messages on their way into a mailbox together. While some are being
// read those before them are parsed and compressed in the background, and then kept
// in that form: in memory up to a bound, in a file beyond it. The zero value is
// empty. It belongs to one goroutine, and is closed when done.
type Batch struct {
	From Numbering // of the UIDs that the messages bring

	items   []*Incoming
	started int           // items that are prepared, or being prepared
	waiting int64         // bytes of those after them, with their columns
	shares  []*batchShare // being prepared, in order
	ahead   int64         // bytes of these
	ready   []*Spool      // what was prepared before, in order; once one is a file it takes all that follows
	held    int64         // bytes of these in memory
	err     error         // why one of them cannot be stored
	work    sync.WaitGroup
	turns   chan struct{} // as many are prepared at a time as there are processors
}

// batchShare is items that are prepared together in the background.
type batchShare struct {
	items    []*Incoming
	bytes    int64
	done     chan struct{} // closed when they are prepared
	prepared *Spool
	err      error
}

const (
	// columnBytes is about what is made of a message beside its bytes.
	columnBytes = 2 << 10
	// shareBytes of mail are worth a goroutine: waking one costs as much as
	// preparing a few KiB.
	shareBytes = 64 << 10
	// batchAhead bounds the mail that was read and is not prepared yet. So much is
	// left to prepare while the first messages are written: a few milliseconds.
	batchAhead = 1 << 20
	// batchHeld bounds the prepared mail in memory, of a batch and of a share: to write
	// more of it into a file and read it back costs less than the disk does that it goes to.
	batchHeld = 4 << 20
)

// Add takes a message. Its spool belongs to the batch from now on, and is
// complete.
func (b *Batch) Add(in *Incoming) {
	if b.waiting >= shareBytes {
		b.start()
		b.await(mayBeAhead(in.Body.room))
	}
	b.items = append(b.items, in)
	b.waiting += in.Body.Size() + columnBytes
}

// mayBeAhead is batchAhead while there is memory for it.
func mayBeAhead(room *spoolRoom) int64 {
	if room.full() {
		return 0
	}
	return batchAhead
}

// take makes a share of the items that nobody prepares yet.
func (b *Batch) take() *batchShare {
	s := &batchShare{items: b.items[b.started:], bytes: b.waiting, done: make(chan struct{})}
	b.started, b.waiting = len(b.items), 0
	return s
}

// start prepares what waits in the background.
func (b *Batch) start() {
	if b.turns == nil {
		b.turns = make(chan struct{}, runtime.GOMAXPROCS(0))
	}
	s := b.take()
	b.shares, b.ahead = append(b.shares, s), b.ahead+s.bytes
	b.work.Go(func() {
		b.turns <- struct{}{}
		s.prepare()
		<-b.turns
	})
}

func (s *batchShare) prepare() {
	s.prepared, s.err = prepareAll(s.items, s.bytes)
	close(s.done)
}

// await returns when at most limit bytes are still being prepared.
func (b *Batch) await(limit int64) {
	for b.ahead > limit {
		s := b.shares[0]
		b.shares, b.ahead = b.shares[1:], b.ahead-s.bytes
		b.keep(s)
	}
}

// keep takes what a share has prepared.
func (b *Batch) keep(s *batchShare) {
	<-s.done
	if b.err == nil {
		b.err = s.err
	}
	if b.err == nil {
		b.err = b.hold(s.prepared)
	}
	if b.err != nil {
		s.prepared.Close()
	}
}

func (b *Batch) hold(s *Spool) error {
	if n := len(b.ready); n > 0 && b.ready[n-1].file != nil {
		data, err := s.Bytes()
		if err == nil {
			_, err = b.ready[n-1].Write(data)
		}
		s.Close()
		return err
	}
	if s.file == nil && (b.held+s.size > batchHeld || s.room.full()) {
		if err := s.spill(); err != nil {
			return err
		}
	}
	if s.file == nil {
		b.held += s.size
	}
	b.ready = append(b.ready, s)
	return nil
}

// prepareAll parses and compresses messages, which will be so many bytes at most but
// for rare ones, one behind the other, and closes their spools.
func prepareAll(items []*Incoming, bytes int64) (*Spool, error) {
	s := items[0].Body.room.spool(math.MaxInt64)
	s.most = batchHeld
	s.Grow(min(bytes, batchHeld-1))
	for _, in := range items {
		n, err := parse(in)
		if err == nil {
			err = n.Prepare(s)
		}
		in.Body.Close()
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// prepare sees to it that little is left to do but to write: each waits for the
// rest. A message alone, or a few, are prepared here.
func (b *Batch) prepare() error {
	switch {
	case b.started == len(b.items):
	case len(b.shares) > 0:
		b.start()
	default:
		s := b.take()
		s.prepare()
		b.keep(s)
	}
	b.await(batchAhead)
	return b.err
}

// each gives the messages as they are prepared.
func (b *Batch) each(store func(in *Incoming, n *storage.NewMessage) error) error {
	items := b.items
	for _, s := range b.ready {
		if err := readPrepared(s, &items, store); err != nil {
			return err
		}
	}
	for _, s := range b.shares {
		<-s.done
		if s.err != nil {
			return s.err
		}
		if err := readPrepared(s.prepared, &items, store); err != nil {
			return err
		}
	}
	return nil
}

// readPrepared gives the messages of a spool, which are the first of items, and
// takes them off these.
func readPrepared(s *Spool, items *[]*Incoming, store func(in *Incoming, n *storage.NewMessage) error) error {
	data, err := s.Bytes()
	var n storage.NewMessage
	for err == nil && len(data) > 0 {
		if data, err = n.ReadPrepared(data); err == nil {
			err = store((*items)[0], &n)
		}
		*items = (*items)[1:]
	}
	return err
}

// Close gives the messages' memory back.
func (b *Batch) Close() {
	b.work.Wait()
	for _, in := range b.items {
		in.Body.Close()
	}
	for _, s := range b.ready {
		s.Close()
	}
	for _, s := range b.shares {
		s.prepared.Close()
	}
	b.items, b.ready, b.shares = nil, nil, nil
}
