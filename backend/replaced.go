package backend

import (
	"errors"
	"slices"
)

// An account whose mail.db was removed or replaced while it was open is lost: its memory is not what is in the file that
// is there now, and nothing of its own would be found again. It takes no more changes, its sessions end, and it is closed
// at once, whoever still uses it. Who asks for the account waits for that, and opens what is there then.

// lostBy reports whether an error says that the account is lost, and has it closed in the background if so.
func (a *Account) lostBy(err error) bool {
	if !errors.Is(err, ErrReplaced) {
		return false
	}
	b := a.backend
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || a.closing != nil {
		return true
	}
	a.closing = make(chan struct{})
	a.givenUp.Store(true)
	first := a.writer.refuse(err) // else it was removed
	b.stopped.Go(func() { b.giveUp(a, err, first) })
	return true
}

// failed ends a batch whose transaction was not committed.
func (a *Account) failed(batch []*change, err error) {
	a.backend.meters.failed.Add(1)
	fail(batch, err)
	a.lostBy(err)
}

// giveUp closes an account that is lost. Its sessions are told before anybody can have the account anew, so that theirs
// are the only ones. The log is told if it is news.
func (b *Backend) giveUp(a *Account, why error, news bool) {
	if news {
		b.cfg.Log.Error("mail was replaced while it was in use: all its sessions end", "account", a.name, "error", why)
	}
	if wake := b.wakeLost.Load(); wake != nil {
		(*wake)()
	}
	if err := a.abandon(); err != nil {
		b.cfg.Log.Error("close account", "account", a.name, "error", err)
	}
	b.forget(a)
}

// abandon closes the files of an account that is lost, when nobody is left who adds to its search index what was read
// before.
func (a *Account) abandon() error {
	a.writer.close()
	a.reading <- struct{}{}
	defer func() { <-a.reading }()
	a.texts.work.Lock()
	defer a.texts.work.Unlock()
	return errors.Join(a.texts.rest(), a.mail.Abandon())
}

// lookAtDirectory tells the log, once, that directory.db was removed or replaced. All goes on with what it was, so that
// mail does; changes are refused.
func (b *Backend) lookAtDirectory() {
	if err := b.dir.store.InPlace(); err != nil && !b.dirLost {
		b.dirLost = true
		b.cfg.Log.Error("the list of accounts was replaced while it was in use: changes of it are refused", "error", err)
	}
}

// WakeLost has wake called when accounts are lost, from any goroutine. It must not block: Lost then says which they are.
func (b *Backend) WakeLost(wake func()) { b.wakeLost.Store(&wake) }

// Lost lists the accounts, by their ids, whose sessions must end because they look at mail that was removed or replaced.
// While an account is listed nobody else can open it.
func (b *Backend) Lost() (ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, a := range b.accounts {
		if a.givenUp.Load() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Lost reports whether the account's mail was removed or replaced: it is of no use any more.
func (a *Account) Lost() bool { return a.givenUp.Load() }

// released reports whether nobody has the files of an account open, which may have been
// removed. One that is lost is waited for.
func (b *Backend) released(id string) bool {
	b.mu.Lock()
	a := b.accounts[id]
	if a == nil || !a.ready {
		b.mu.Unlock()
		return a == nil
	}
	b.mu.Unlock()
	if !a.lostBy(a.mail.InPlace()) {
		return false
	}
	b.mu.Lock()
	closing := a.closing
	b.mu.Unlock()
	if closing != nil { // else the backend is being closed
		<-closing
	}
	return closing != nil
}
