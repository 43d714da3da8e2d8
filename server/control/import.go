package control

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"satchel/backend"
)

// Bounds of the messages that share a commit.
const (
	batchMessages = 512
	batchBytes    = 4 << 20
)

// localImport brings messages in through a line of three stages, each working while the next one does: reading into
// spools (the caller of Add), parsing and compressing, committing. Each stage holds one batch, so memory is bounded.
type localImport struct {
	account  *backend.Account
	mailbox  string
	keepUIDs bool
	newSpool func() *backend.Spool

	batch []*backend.Incoming
	bytes int64
	bad   Tally // only what Add found

	read   chan []*backend.Incoming
	parsed chan parsedBatch
	done   chan struct{} // closed when the last batch is on disk or given up

	mu    sync.Mutex
	tally Tally // guarded by mu
	err   error // the first one; guarded by mu
	ended bool
}

type parsedBatch struct {
	msgs  []*backend.Incoming
	ready *backend.Batch
}

// Import implements Admin.
func (l *Local) Import(to Target) (Import, error) {
	a, err := l.open(to.Account)
	if err != nil {
		return nil, err
	}
	i := &localImport{account: a, mailbox: to.Mailbox, newSpool: l.NewSpool,
		read: make(chan []*backend.Incoming), parsed: make(chan parsedBatch), done: make(chan struct{})}
	if err := i.prepare(to); err != nil {
		a.Release()
		return nil, fmt.Errorf("import into %q: %w", to.Mailbox, err)
	}
	go i.parse()
	go i.commit()
	return i, nil
}

// prepare makes the mailbox if need be and settles whether UIDs are kept.
func (i *localImport) prepare(to Target) error {
	a := i.account
	if _, err := a.Status(to.Mailbox); errors.Is(err, backend.ErrNotFound) {
		for _, info := range a.List() {
			if info.SpecialUse == to.SpecialUse {
				to.SpecialUse = ""
			}
		}
		if err := a.Create(to.Mailbox, to.SpecialUse); err != nil && !errors.Is(err, backend.ErrExists) {
			return err
		}
	} else if err != nil {
		return err
	}
	if to.Subscribe {
		if err := a.Subscribe(to.Mailbox, true); err != nil {
			return err
		}
	}
	if to.UIDValidity == 0 {
		return nil
	}
	var err error
	i.keepUIDs, err = a.AdoptUIDs(to.Mailbox, to.UIDValidity)
	return err
}

// KeepsUIDs implements Import.
func (i *localImport) KeepsUIDs() bool { return i.keepUIDs }

// Known implements Import.
func (i *localImport) Known(keys [][]byte) ([]bool, error) {
	return i.account.Imported(i.mailbox, keys)
}

// Add implements Import.
func (i *localImport) Add(m *Message, body io.Reader) error {
	if err := i.failure(); err != nil {
		return err
	}
	spool := i.newSpool()
	spool.Grow(m.Size)
	src := &source{r: body}
	_, err := spool.ReadFrom(src)
	if err != nil || src.err != nil {
		spool.Close()
		if src.err == nil && !errors.Is(err, backend.ErrTooBig) {
			return fmt.Errorf("import: %w", err)
		}
		i.bad.AddBad(m.Name, errors.Join(src.err, err).Error())
		return nil
	}
	in := &backend.Incoming{Flags: m.Flags, Keywords: m.Keywords, Date: m.Date, Body: spool, ImportKey: m.Key}
	if i.keepUIDs {
		in.UID = m.UID
	}
	i.batch, i.bytes = append(i.batch, in), i.bytes+spool.Size()
	if len(i.batch) < batchMessages && i.bytes < batchBytes {
		return nil
	}
	i.send()
	return nil
}

// source remembers that it was reading the message, not writing it, that failed.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
		err = io.EOF
	}
	return n, err
}

func (i *localImport) send() {
	if len(i.batch) > 0 {
		i.read <- i.batch
		i.batch, i.bytes = nil, 0
	}
}

// parse is the second stage.
func (i *localImport) parse() {
	defer close(i.parsed)
	for msgs := range i.read {
		if i.failure() != nil {
			closeAll(msgs)
			continue
		}
		ready, err := backend.NewBatch(msgs)
		if err != nil {
			i.fail(err)
			closeAll(msgs)
			continue
		}
		i.parsed <- parsedBatch{msgs, ready}
	}
}

// commit is the third stage.
func (i *localImport) commit() {
	defer close(i.done)
	for b := range i.parsed {
		if i.failure() == nil {
			i.store(b)
		}
		closeAll(b.msgs)
	}
}

func (i *localImport) store(b parsedBatch) {
	uids, err := i.account.AppendBatch(i.mailbox, b.ready)
	if err != nil {
		i.fail(err)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for n, uid := range uids {
		if uid == 0 {
			i.tally.Present++
			continue
		}
		i.tally.New++
		i.tally.Bytes += b.msgs[n].Body.Size()
	}
}

func closeAll(msgs []*backend.Incoming) {
	for _, m := range msgs {
		m.Body.Close()
	}
}

func (i *localImport) fail(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err == nil {
		i.err = err
	}
}

func (i *localImport) failure() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.err
}

// Finish implements Import.
func (i *localImport) Finish(next backend.UID) (Tally, error) {
	i.send()
	i.end()
	err := i.failure()
	if err == nil && i.keepUIDs {
		err = i.account.ReserveUIDs(i.mailbox, next)
	}
	i.account.Release()
	i.tally.Sum(i.bad)
	return i.tally, err
}

// Abort implements Import. What was added so far is kept: importing again goes on from there.
func (i *localImport) Abort() {
	if i.ended {
		return
	}
	i.send()
	i.end()
	i.account.Release()
}

func (i *localImport) end() {
	i.ended = true
	close(i.read)
	<-i.done
}
