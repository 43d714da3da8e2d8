package backend

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
)

// told writes down what news say, for comparing.
func told(n News) (lines []string) {
	for _, x := range n.Names {
		lines = append(lines, fmt.Sprintf("name %s old=%q exists=%v named=%v subscription=%v", x.Name, x.Old, x.Exists, x.Named, x.Subscription))
	}
	for _, m := range n.Mailboxes {
		lines = append(lines, fmt.Sprintf("mailbox %s messages=%v flags=%v unseen=%v n=%d %v", m.Name, m.Messages, m.Flags, m.Unseen, m.Status.Messages, m.Entries))
	}
	if len(n.Server) > 0 || n.Overflow {
		lines = append(lines, fmt.Sprintf("server %v overflow=%v", n.Server, n.Overflow))
	}
	return lines
}

func expectTold(t *testing.T, w *Watch, want ...string) {
	t.Helper()
	if got := told(w.Pull()); !slices.Equal(got, want) {
		t.Errorf("told %q\nwant %q", got, want)
	}
}

func newWatch(t *testing.T, a *Account) (*Watch, *atomic.Int32) {
	var woken atomic.Int32
	w := a.Watch(func() { woken.Add(1) })
	t.Cleanup(w.Close)
	return w, &woken
}

func try(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestWatch: the owner is woken after each change, and Pull tells what there is to
// tell at the end, in the order in which mailboxes last changed.
func TestWatch(t *testing.T) {
	_, a := testAccount(t)
	w, woken := newWatch(t, a)
	expectTold(t, w)
	fill(t, a, "Sent", 1)
	fill(t, a, "INBOX", 2)
	fill(t, a, "Sent", 1)
	if woken.Load() != 4 {
		t.Errorf("woken %d times", woken.Load())
	}
	expectTold(t, w, "mailbox INBOX messages=true flags=true unseen=true n=2 []", "mailbox Sent messages=true flags=true unseen=true n=2 []")
	expectTold(t, w)
	v := open(t, a, "INBOX", false)
	_, err := v.Store(v.All(), StoreRequest{Op: StoreAdd, Flags: FlagFlagged})
	try(t, err)
	expectTold(t, w, "mailbox INBOX messages=false flags=true unseen=false n=2 []")
	// A mailbox that came and went is nothing new; one that was renamed twice has one old name.
	try(t, a.Create("a", ""), a.Delete("a"), a.Rename("Sent", "x"), a.Rename("x", "y"))
	expectTold(t, w, `name y old="Sent" exists=true named=true subscription=true`, `name Sent old="" exists=false named=false subscription=true`)
	// A mailbox that was deleted and made again is another one.
	try(t, a.Delete("y"), a.Create("y", ""))
	expectTold(t, w, `name y old="" exists=true named=true subscription=true`)
	try(t, a.Annotate("y", []Annotation{{"/private/a", []byte("1")}}, nil), a.Annotate("", []Annotation{{"/private/b", []byte("1")}}, nil))
	expectTold(t, w, "mailbox y messages=false flags=false unseen=false n=0 [/private/a]", "server [/private/b] overflow=false")
	try(t, a.Delete("y"))
	expectTold(t, w, `name y old="" exists=false named=true subscription=false`)
}

// TestWatchOwn: a session need not be told of what it did itself, but of what
// others did at the same time.
func TestWatchOwn(t *testing.T) {
	_, a := testAccount(t)
	w, _ := newWatch(t, a)
	put := func(by *Watch) {
		_, uids, err := a.Append("INBOX", incoming(t, a, "Subject: x\r\n\r\n"))
		try(t, err)
		by.Made("inbox", uids)
	}
	put(w)
	expectTold(t, w)
	put(w)
	put(nil)
	expectTold(t, w, "mailbox INBOX messages=true flags=true unseen=true n=3 []")
	put(nil)
	put(w)
	expectTold(t, w, "mailbox INBOX messages=true flags=true unseen=true n=5 []")
	put(w)
	v := open(t, a, "INBOX", false)
	_, err := v.Store(v.All(), StoreRequest{Op: StoreAdd, Flags: FlagSeen})
	try(t, err)
	expectTold(t, w, "mailbox INBOX messages=true flags=true unseen=true n=6 []")

	try(t, a.Create("a/b", ""), a.Subscribe("a/b", true), a.Annotate("a/b", []Annotation{{"/private/a", []byte("1")}}, w))
	w.Named("a/b", true)
	w.Subscribed("a/b", true)
	expectTold(t, w)
	try(t, a.Create("c", ""), a.Delete("c"))
	w.Named("c", true)
	expectTold(t, w, `name c old="" exists=false named=true subscription=false`)
	try(t, a.Rename("a", "d"))
	w.Renamed("a", "d")
	expectTold(t, w)

	// What others did to a tree before the session renamed it.
	try(t, a.Subscribe("d", true), a.Create("d/e", ""), a.Rename("d", "f"))
	w.Renamed("d", "f")
	expectTold(t, w, `name f old="" exists=true named=true subscription=true`, `name f/e old="" exists=true named=true subscription=false`)
	// Another mailbox has the name that the session has made.
	try(t, a.Create("g", ""), a.Delete("g"), a.Rename("f", "g"))
	w.Named("g", true)
	expectTold(t, w, `name g/b old="f/b" exists=true named=true subscription=true`, `name g/e old="f/e" exists=true named=true subscription=false`,
		`name f old="" exists=false named=true subscription=true`, `name f/b old="" exists=false named=false subscription=true`,
		`name g old="" exists=true named=false subscription=true`)
}

// TestWatchRenames: who takes in what is told, one after the other, knows all names.
func TestWatchRenames(t *testing.T) {
	_, a := testAccount(t)
	try(t, a.Create("a/x", ""), a.Create("b/y", ""))
	w, _ := newWatch(t, a)
	// The old name is in use again, and below it, too.
	try(t, a.Rename("a", "c"), a.Create("a/x", ""))
	expectTold(t, w, `name c old="a" exists=true named=true subscription=false`,
		`name a old="" exists=true named=true subscription=false`, `name a/x old="" exists=true named=true subscription=false`)
	// Names were exchanged.
	try(t, a.Rename("b", "d"), a.Rename("c", "b"), a.Rename("d", "c"))
	expectTold(t, w, `name b old="c" exists=true named=true subscription=false`, `name c old="b" exists=true named=true subscription=false`,
		`name b old="" exists=true named=true subscription=false`, `name c/x old="" exists=false named=true subscription=false`, `name b/x old="" exists=true named=true subscription=false`)
}

// TestWatchOverflow: more changes of annotations than are remembered, of all
// mailboxes together, are said to be.
func TestWatchOverflow(t *testing.T) {
	_, a := testAccount(t)
	early, _ := newWatch(t, a)
	const step = 50
	for i := 0; i <= maxNotes; i += step {
		var set, unset []Annotation
		for k := range step {
			entry := fmt.Sprintf("/private/n%d", i+k)
			set, unset = append(set, Annotation{entry, []byte("x")}), append(unset, Annotation{entry, nil})
		}
		mailbox := []string{"Sent", "Trash"}[i/step%2]
		try(t, a.Annotate(mailbox, set, nil), a.Annotate(mailbox, unset, nil))
	}
	late, _ := newWatch(t, a)
	if n := early.Pull(); !n.Overflow {
		t.Error("no overflow")
	}
	if n := late.Pull(); n.Overflow || len(n.Mailboxes) > 0 {
		t.Errorf("told %+v", n)
	}
	try(t, a.Annotate("Sent", []Annotation{{"/private/n1", []byte("x")}}, nil))
	expectTold(t, early, "mailbox Sent messages=false flags=false unseen=false n=0 [/private/n1]")
}
