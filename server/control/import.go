package control

import (
	"errors"
	"fmt"
	"sync"

	"satchel/backend"
)

// localImport reads messages into a batch, which parses and compresses them meanwhile, while the batch before it is
// being committed. So memory is bounded.
type localImport struct {
	account  *backend.Account
	mailbox  string
	feed     *backend.Feed     // nil without an upstream
	from     backend.Numbering // of the source
	keepUIDs bool
	limit    int64
	newSpool func() *backend.Spool

	batch *backend.Batch
	msgs  []*backend.Incoming // the batch's
	bytes int64
	bad   Tally // only what Add found

	read chan filledBatch
	done chan struct{} // closed when the last batch is on disk or given up

	mu    sync.Mutex
	tally Tally // guarded by mu
	err   error // the first one; guarded by mu
	ended bool
}

// Import implements Admin.
func (l *Local) Import(to Target) (Import, error) {
	a, err := l.open(to.Account)
	if err != nil {
		return nil, err
	}
	i := &localImport{account: a, mailbox: to.Mailbox, limit: l.AppendLimit(), newSpool: l.NewSpool,
		read: make(chan filledBatch), done: make(chan struct{})}
	if err := i.prepare(to); err != nil {
		a.Release()
		return nil, fmt.Errorf("import into %q: %w", to.Mailbox, err)
	}
	go i.commit()
	return i, nil
}

// prepare finds the mailbox, or makes it, and settles whether UIDs are kept.
func (i *localImport) prepare(to Target) error {
	if err := i.resolve(to); err != nil {
		return err
	}
	if to.UIDValidity == 0 {
		return nil
	}
	var err error
	i.from = backend.Numbering{Source: to.Source, UIDValidity: to.UIDValidity, UIDNext: to.UIDNext}
	if i.feed != nil {
		i.from = i.feed.Numbering(to.UIDNext)
	}
	i.keepUIDs, err = i.account.AdoptUIDs(i.mailbox, i.from)
	return err
}

// resolve finds the mailbox of a known upstream, or the one that is named.
func (i *localImport) resolve(to Target) (err error) {
	if to.Upstream == "" {
		return i.plant(to)
	}
	upstream := backend.Upstream{Name: to.Upstream, Mailbox: to.Mailbox, UIDValidity: to.UIDValidity}
	if i.feed, err = i.account.Feed(upstream); errors.Is(err, backend.ErrNotFound) {
		if err = i.plant(to); err == nil {
			i.feed, err = i.account.Feed(upstream)
		}
	}
	if err == nil {
		i.mailbox = i.feed.Mailbox()
	}
	return err
}

// plant makes the mailbox if need be.
func (i *localImport) plant(to Target) error {
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
	if !to.Subscribe {
		return nil
	}
	return a.Subscribe(to.Mailbox, true)
}

// KeepsUIDs implements Import.
func (i *localImport) KeepsUIDs() bool { return i.keepUIDs }

// Mailbox implements Import.
func (i *localImport) Mailbox() string { return i.mailbox }

// Limit implements Import.
func (i *localImport) Limit() int64 { return i.limit }

// Known implements Import.
func (i *localImport) Known(keys [][]byte) ([]bool, error) {
	return i.account.Imported(i.mailbox, keys)
}

// Change implements Import.
func (i *localImport) Change(c Changes) (changed int, err error) {
	if i.feed == nil {
		return 0, fmt.Errorf("changes without an upstream: %w", errors.ErrUnsupported)
	}
	if len(c.Claims) > 0 {
		if err := i.feed.Claim(c.Claims); err != nil {
			return 0, err
		}
	}
	for n := range c.Flags {
		c.Flags[n].Keywords = atoms(c.Flags[n].Keywords)
	}
	if len(c.Flags) > 0 {
		if changed, err = i.feed.SetFlags(c.Flags); err != nil {
			return changed, err
		}
	}
	if len(c.Gone) == 0 {
		return changed, nil
	}
	removed, err := i.feed.Expunge(c.Gone)
	return changed + removed, err
}

// Finish implements Import.
func (i *localImport) Finish(end End) (Tally, error) {
	i.send()
	i.end()
	err := i.failure()
	if err == nil && i.keepUIDs && !end.Unfinished {
		err = i.account.AdoptUIDNext(i.mailbox, i.from)
	}
	if err == nil && i.feed != nil && end.ModSeq != 0 && !end.Unfinished && len(i.bad.Bad) == 0 {
		err = i.feed.Reached(end.ModSeq)
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
