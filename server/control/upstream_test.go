package control

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"satchel/backend"
)

// feed imports messages with the given UIDs from an upstream.
func feed(t *testing.T, a Admin, to Target, end End, uids ...backend.UID) (Import, Tally) {
	t.Helper()
	imp := must[Import](t)(a.Import(to))
	for _, uid := range uids {
		text := fmt.Sprintf("Message-ID: <%d@example.org>\r\n\r\n", uid)
		ok(t, imp.Add(&Message{UID: uid, Flags: backend.FlagSeen, Keywords: []string{"k"}}, strings.NewReader(text)))
	}
	return imp, must[Tally](t)(imp.Finish(end))
}

func upstreams(t *testing.T, a Admin) []backend.Upstream {
	t.Helper()
	return must[[]backend.Upstream](t)(a.Upstreams("alice"))
}

func upstreamMessages(t *testing.T, a Admin, upstream string) (list []backend.UpstreamMessage) {
	t.Helper()
	ok(t, a.UpstreamMessages("alice", upstream, func(some []backend.UpstreamMessage) error {
		list = append(list, some...)
		return nil
	}))
	return list
}

// TestUpstream: an upstream's messages are known by their UIDs there; what changed there is changed here, and only that.
func TestUpstream(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		to := Target{Account: "alice", Mailbox: "Old", UIDValidity: 99, UIDNext: 1000, Upstream: "alice@old/Old"}
		imp, tally := feed(t, a, to, End{ModSeq: 5}, 3, 7, 9)
		if !imp.KeepsUIDs() || imp.Mailbox() != "Old" || imp.Limit() != 1<<20 || tally.New != 3 {
			t.Errorf("%v %q %d, %+v", imp.KeepsUIDs(), imp.Mailbox(), imp.Limit(), tally)
		}
		if _, tally = feed(t, a, to, End{ModSeq: 6}, 7, 11); tally.New != 1 || tally.Present != 1 {
			t.Errorf("again: %+v", tally)
		}
		state := backend.SourceState(backend.FlagSeen, []string{"K"})
		want := []backend.UpstreamMessage{{Source: 3, UID: 3, State: state}, {Source: 7, UID: 7, State: state}, {Source: 9, UID: 9, State: state}, {Source: 11, UID: 101_000, State: state}}
		if got := upstreamMessages(t, a, to.Upstream); !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}

		changing := must[Import](t)(a.Import(to))
		n := must[int](t)(changing.Change(Changes{
			Flags: []backend.SourceFlags{{Source: 3, UID: 3, Flags: backend.FlagDraft, Keywords: []string{"new", "od(d"}}, {Source: 7, UID: 7, Flags: backend.FlagSeen, Keywords: []string{"k"}}},
			Gone:  []backend.UID{9, 500},
		}))
		must[Tally](t)(changing.Finish(End{}))
		list := exportAll(t, a, "Old")
		if n != 2 || len(list) != 3 || list[0].m.Flags != backend.FlagDraft || !reflect.DeepEqual(list[0].m.Keywords, []string{"new"}) {
			t.Errorf("%d changed, %+v", n, list)
		}
		want[0].State, want[2].UID = backend.SourceState(backend.FlagDraft, []string{"new"}), 0
		if got := upstreamMessages(t, a, to.Upstream); !reflect.DeepEqual(got, want) {
			t.Errorf("changed: got %v, want %v", got, want)
		}
		if got, want := upstreams(t, a), []backend.Upstream{{Name: to.Upstream, Mailbox: "Old", UIDValidity: 99, ModSeq: 6}}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := upstreamMessages(t, a, "unknown"); got != nil {
			t.Errorf("of an unknown upstream: %v", got)
		}
	})
}

// TestUpstreamMoves: an upstream keeps its mailbox whatever either is called, and begins anew under another UIDVALIDITY,
// where messages that are there can be claimed.
func TestUpstreamMoves(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		to := Target{Account: "alice", Mailbox: "Old", UIDValidity: 99, Upstream: "alice@old/Old"}
		feed(t, a, to, End{ModSeq: 5}, 3, 7)
		ok(t, a.RenameUpstream("alice", to.Upstream, "alice@old/New", "New"))
		to.Upstream, to.UIDValidity = "alice@old/New", 100
		imp := must[Import](t)(a.Import(to))
		if imp.Mailbox() != "New" || imp.KeepsUIDs() {
			t.Errorf("goes to %q, keeps UIDs: %v", imp.Mailbox(), imp.KeepsUIDs())
		}
		var ids []MessageID
		ok(t, a.MessageIDs("alice", "New", func(some []MessageID) error { ids = append(ids, some...); return nil }))
		if len(ids) != 2 || ids[0].UID != 3 || ids[0].ID == ids[1].ID {
			t.Fatalf("Message-IDs %v", ids)
		}
		claim := backend.UpstreamMessage{Source: 1, UID: ids[1].UID, State: 4}
		must[int](t)(imp.Change(Changes{Claims: []backend.UpstreamMessage{claim, claim}}))
		must[Tally](t)(imp.Finish(End{}))
		if got := upstreamMessages(t, a, to.Upstream); !reflect.DeepEqual(got, []backend.UpstreamMessage{claim}) {
			t.Errorf("claimed: %v", got)
		}
		if got, want := upstreams(t, a), []backend.Upstream{{Name: to.Upstream, Mailbox: "New", UIDValidity: 100}}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if err := a.RenameUpstream("alice", "unknown", "x", ""); err == nil {
			t.Error("an unknown upstream was renamed")
		}
	})
}

// TestInterrupted: while an import that keeps UIDs is unfinished, mail that comes in here gets none that the source has
// given to another message, and neither does a message that comes too late to keep its own.
func TestInterrupted(t *testing.T) {
	a := NewLocal(serve(t).be, nil)
	must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
	to := Target{Account: "alice", Mailbox: "INBOX", UIDValidity: 4_294_967_000, UIDNext: 6, Upstream: "alice@old/INBOX"}
	interrupt := func(uids ...backend.UID) {
		imp := must[Import](t)(a.Import(to))
		defer imp.Abort()
		for _, uid := range uids {
			ok(t, imp.Add(&Message{UID: uid}, strings.NewReader("A: b\r\n\r\n")))
		}
	}
	inbox := func() Mailbox {
		list := must[[]Mailbox](t)(a.Mailboxes("alice"))
		return list[slices.IndexFunc(list, func(m Mailbox) bool { return m.Name == "INBOX" })]
	}
	interrupt(1, 2)
	ok(t, a.RenameUpstream("alice", to.Upstream, "alice@new/INBOX", ""))
	to.Upstream = "alice@new/INBOX"
	interrupt(3)
	if got := inbox(); got.UIDValidity != to.UIDValidity || got.UIDNext != 4 {
		t.Errorf("an interrupted import that goes on: %+v", got)
	}
	r := must[backend.Receipt](t)(a.Deliver(Destination{Account: "alice"}, strings.NewReader("A: b\r\n\r\n")))
	if r.UID < to.UIDNext {
		t.Errorf("a message got UID %d, which is another one's there", r.UID)
	}
	if _, tally := feed(t, a, to, End{}, 3, 4, 5); tally.New != 2 || tally.Present != 1 {
		t.Errorf("%+v", tally)
	}
	for _, m := range upstreamMessages(t, a, to.Upstream) {
		if m.UID != m.Source && m.UID <= r.UID {
			t.Errorf("UID %d of there has UID %d here", m.Source, m.UID)
		}
	}
	if got := inbox(); got.UIDValidity != to.UIDValidity || got.Messages != 6 {
		t.Errorf("after the last run: %+v", got)
	}
}
