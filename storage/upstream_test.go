package storage

import (
	"errors"
	"slices"
	"testing"
)

// TestUpstreams: an upstream's messages are found by its present UIDVALIDITY, here or expunged, and go with their mailbox.
func TestUpstreams(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "a")
	o, other := Upstream{Name: "imap:x/INBOX", Mailbox: box, UIDValidity: 7}, Upstream{Name: "imap:x/Sent", Mailbox: box, UIDValidity: 7}
	commit(t, m, func(tx *Tx) {
		must(t, tx.SetUpstream(&o))
		must(t, tx.SetUpstream(&other))
		twin := Upstream{Name: o.Name, Mailbox: box}
		if err := tx.SetUpstream(&twin); !errors.Is(err, ErrExists) {
			t.Errorf("two of one name: %v", err)
		}
		for _, uid := range []UID{3, 9, 4_000_000_000} {
			n := ok[*NewMessage](t)(NewBody([]byte("A: b\r\n\r\n"), nil))
			n.ImportKey, n.ImportState = o.Key(uid), int64(uid)
			ok[Entry](t)(tx.Append(box, n))
		}
		must(t, tx.ClaimUpstreamMessage(&other, UpstreamMessage{Source: 5, UID: 1, State: 50}))
		if err := tx.ClaimUpstreamMessage(&o, UpstreamMessage{Source: 9, UID: 1}); !errors.Is(err, ErrExists) {
			t.Errorf("a known message claimed: %v", err)
		}
		must(t, tx.NoteUpstreamState(&o, 9, 90))
		must(t, tx.NoteUpstreamState(&o, 10, 100))
		ok[ModSeq](t)(tx.Expunge(box, []Entry{{UID: 1, Message: 1, Size: 8}}))
	})
	read := func(o *Upstream, after UID, n int) []UpstreamMessage {
		return ok[[]UpstreamMessage](t)(m.UpstreamMessages(o, after, n, nil))
	}
	if got, want := read(&o, 0, 2), []UpstreamMessage{{3, 0, 3}, {9, 2, 90}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := read(&o, 9, 2), []UpstreamMessage{{4_000_000_000, 3, 4_000_000_000}}; !slices.Equal(got, want) {
		t.Errorf("after 9: got %v, want %v", got, want)
	}
	if got, want := read(&other, 0, 9), []UpstreamMessage{{5, 0, 50}}; !slices.Equal(got, want) {
		t.Errorf("the other: got %v, want %v", got, want)
	}
	o.Name, o.UIDValidity, o.ModSeq = "imap:x/Moved", 8, 1<<62
	commit(t, m, func(tx *Tx) { must(t, tx.SetUpstream(&o)) })
	if got := read(&o, 0, 9); len(got) != 0 {
		t.Errorf("under another UIDVALIDITY: %v", got)
	}
	if got, want := ok[[]Upstream](t)(m.Upstreams()), []Upstream{o, other}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	commit(t, m, func(tx *Tx) { must(t, tx.DeleteMailbox(box)) })
	if got := ok[[]Upstream](t)(m.Upstreams()); len(got) != 0 {
		t.Errorf("without its mailbox: %v", got)
	}
}
