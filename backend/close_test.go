package backend

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"satchel/storage"
)

// TestCloseAmidAChange: a change that is being written when the backend is closed is finished first, and is there
// afterwards if it was said to be. So is one that waits behind it.
func TestCloseAmidAChange(t *testing.T) {
	data := t.TempDir()
	b, err := Open(Config{Data: data, NoIndex: true})
	try(t, err)
	a, err := b.Account("test", "test")
	try(t, err)
	inside, closed := make(chan struct{}), make(chan struct{})
	first, second := make(chan error, 1), make(chan error, 1)
	subscribe := func(name string) func(tx *storage.Tx) error {
		return func(tx *storage.Tx) error { return tx.SetSubscribed(name, true) }
	}
	go func() {
		first <- a.write(&change{run: func(tx *storage.Tx) error {
			if err := tx.SetSubscribed("one", true); err != nil {
				return err
			}
			close(inside)
			select { // as long as a slow disk may take
			case <-closed:
			case <-time.After(100 * time.Millisecond):
			}
			return tx.SetSubscribed("two", true)
		}})
	}()
	<-inside
	go func() { second <- a.write(&change{run: subscribe("three")}) }()
	awaitQueue(a, 1)
	try(t, b.Close())
	close(closed)
	try(t, <-first, <-second)

	b, err = Open(Config{Data: data, NoIndex: true})
	try(t, err)
	defer b.Close()
	a, err = b.Account("test", "test")
	try(t, err)
	for _, name := range []string{"one", "two", "three"} {
		if !a.subscribed[name] {
			t.Errorf("%s is not there", name)
		}
	}
}

// TestCloseBeforeAnAccountIsOpened: an account that was asked for before the backend closed is not opened after that,
// when the data folder may be another process's.
func TestCloseBeforeAnAccountIsOpened(t *testing.T) {
	b, err := Open(Config{Data: t.TempDir(), NoIndex: true})
	try(t, err)
	a, err := b.use("test", "test")
	try(t, err)
	try(t, b.Close())
	a.opening.Do(func() { t.Error("it would be opened") })
	if !errors.Is(a.err, ErrClosed) {
		t.Errorf("it ends with %v", a.err)
	}
}

// TestPanicInTheLane: a change that panics, which its session survives, takes its transaction with it and nothing else:
// those that shared it are told, and the next ones go on.
func TestPanicInTheLane(t *testing.T) {
	_, a := testAccount(t)
	subscribe := func(name string) error {
		return a.write(&change{run: func(tx *storage.Tx) error { return tx.SetSubscribed(name, true) }})
	}
	let := holdLane(a)
	var work sync.WaitGroup
	var broken any
	var shared error
	work.Go(func() {
		defer func() { broken = recover() }()
		a.write(&change{run: func(tx *storage.Tx) error {
			try(t, tx.SetSubscribed("one", true))
			panic("by mistake")
		}})
	})
	awaitQueue(a, 1)
	work.Go(func() { shared = subscribe("two") })
	awaitQueue(a, 2)
	let()
	work.Wait()
	if broken == nil || shared == nil {
		t.Errorf("it ended with %v, what shared its transaction with %v", broken, shared)
	}
	try(t, subscribe("three"))
	if _, names, err := a.mail.Mailboxes(); err != nil || !slices.Contains(names, "three") || slices.Contains(names, "one") || slices.Contains(names, "two") {
		t.Errorf("subscribed: %q, %v", names, err)
	}
}

// TestCloseAmidAPurge: closing does not wait until all that is old has been erased.
func TestCloseAmidAPurge(t *testing.T) {
	b, a := testAccount(t)
	letters(t, a, "INBOX", slices.Repeat([]string{"old"}, purgeBatch+1)...)
	expungeAll(t, a, "INBOX")
	b.stop()
	if err := a.purge(time.Now(), time.Now().Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if n, _, err := a.mail.OrphanTotal(); err != nil || n != 1 {
		t.Errorf("%d messages are kept, %v; one more than a transaction erases was there", n, err)
	}
}
