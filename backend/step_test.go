package backend

import (
	"sync"
	"testing"
)

// TestViewsAmidCommits: a view that is pulled at any moment of others' commits is told
// of all that happened up to its mod-sequence, and one that is opened at any moment
// shows that.
func TestViewsAmidCommits(t *testing.T) {
	const messages, stores = 300, 100
	_, a := testAccount(t)
	for range messages {
		_, _, err := a.Append("INBOX", incoming(t, a, "Subject: x\r\n\r\nbody\r\n"))
		try(t, err)
	}
	writer, err := a.Open("INBOX", false, func() {})
	try(t, err)
	defer writer.Close()
	begun := writer.HighestModSeq()
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() { pullFlags(t, a, begun, stop) })
	}
	readers.Go(func() { openViews(t, a, begun, stop) })
	for i := range stores {
		_, err := writer.Store(writer.All(), StoreRequest{Op: StoreSet, Flags: Flags(1 + i%2)})
		try(t, err)
	}
	close(stop)
	readers.Wait()
}

// until calls look until it has found something, or once more after stop is closed.
func until(stop chan struct{}, look func() bool) {
	for ended := false; !ended && look(); {
		select {
		case <-stop:
			look()
			ended = true
		default:
		}
	}
}

// pullFlags pulls a view over and over. Each change since begun was one of all
// messages, so its client has been told the latest mod-sequence of each.
func pullFlags(t *testing.T, a *Account, begun ModSeq, stop chan struct{}) {
	v, err := a.Open("INBOX", true, func() {})
	if err != nil {
		t.Error(err)
		return
	}
	defer v.Close()
	told := v.HighestModSeq()
	until(stop, func() bool {
		for _, r := range v.Pull(true).Flags {
			told = r.ModSeq
		}
		if told != v.HighestModSeq() && told > begun {
			t.Errorf("flags were told up to %d, HIGHESTMODSEQ is %d", told, v.HighestModSeq())
			return false
		}
		return true
	})
}

// openViews opens views over and over.
func openViews(t *testing.T, a *Account, begun ModSeq, stop chan struct{}) {
	until(stop, func() bool {
		v, err := a.Open("INBOX", true, func() {})
		if err != nil {
			t.Error(err)
			return false
		}
		defer v.Close()
		r := v.Rows(v.All(), 0, 1, nil)[0]
		if r.ModSeq < v.HighestModSeq() && v.HighestModSeq() > begun {
			t.Errorf("a message has mod-sequence %d, HIGHESTMODSEQ is %d", r.ModSeq, v.HighestModSeq())
			return false
		}
		return true
	})
}

// TestUIDNextOfView: what comes after a mailbox was opened is above the UIDNEXT that the
// client is told then, however late it is told.
func TestUIDNextOfView(t *testing.T) {
	_, a := testAccount(t)
	v, err := a.Open("INBOX", false, func() {})
	try(t, err)
	defer v.Close()
	_, uids, err := a.Append("INBOX", incoming(t, a, "Subject: x\r\n\r\nbody\r\n"))
	try(t, err)
	if v.UIDNext() > uids[0] || v.Exists() != 0 {
		t.Errorf("%d messages and UIDNEXT %d, then UID %d came", v.Exists(), v.UIDNext(), uids[0])
	}
}

// TestListAmidRenames: a subscription is seen to follow its mailbox at once.
func TestListAmidRenames(t *testing.T) {
	_, a := testAccount(t)
	stop := make(chan struct{})
	var lister sync.WaitGroup
	lister.Go(func() {
		until(stop, func() bool {
			for _, info := range a.List() {
				if info.Exists != info.Subscribed {
					t.Errorf("%+v while a subscribed mailbox is renamed", info)
					return false
				}
			}
			return true
		})
	})
	from, to := "Archive", "Attic"
	for range 200 {
		try(t, a.Rename(from, to))
		from, to = to, from
	}
	close(stop)
	lister.Wait()
}
