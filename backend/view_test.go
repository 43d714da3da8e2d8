package backend

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
)

func fill(t testing.TB, a *Account, mailbox string, n int) {
	t.Helper()
	for range n {
		if _, _, err := a.Append(mailbox, incoming(t, a, "Subject: x\r\n\r\nbody\r\n")); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t testing.TB, a *Account, mailbox string, readOnly bool) *View {
	t.Helper()
	v, err := a.Open(mailbox, readOnly, func() {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

// RFC 2180, 4.1.2: a message that another session expunged stays readable under
// its number until the client is told.
func TestExpungedElsewhereStaysReadable(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 3)
	v, other := open(t, a, "INBOX", false), open(t, a, "INBOX", false)
	if _, err := other.Store(other.All(), StoreRequest{Op: StoreAdd, Flags: FlagDeleted}); err != nil {
		t.Fatal(err)
	}
	if err := other.Expunge(nil); err != nil {
		t.Fatal(err)
	}
	if c := v.Pull(false); len(c.Expunged) > 0 || v.Exists() != 3 {
		t.Fatalf("told %+v", c)
	}
	rows := v.Rows(v.All(), 0, 3, nil)
	for i, r := range rows {
		b, err := v.AppendBytes(nil, &r, 0, int64(r.Size))
		if err != nil || string(b) != "Subject: x\r\n\r\nbody\r\n" || r.Seq != uint32(i+1) || r.Flags != FlagDeleted {
			t.Errorf("row %+v: %q, %v", r, b, err)
		}
	}
	if _, err := v.Copy(v.All(), "Trash", true); !errors.Is(err, ErrVanished) {
		t.Errorf("COPY of expunged messages: %v", err)
	}
	if _, err := v.Move(v.All(), "Trash", false); err != nil {
		t.Errorf("UID MOVE of expunged messages: %v", err)
	}
	if c := v.Pull(true); !slices.Equal(c.Expunged, []uint32{3, 2, 1}) || v.Exists() != 0 {
		t.Errorf("told %+v", c)
	}
	if x := v.mailbox.idx; len(x.gone) != 1 && len(x.gone) != 0 && other.removedTo == x.removed {
		t.Errorf("%d expunged messages are remembered", len(x.gone))
	}
}

func TestRecentGoesToOneSession(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 2)
	examine := open(t, a, "INBOX", true)
	first, second := open(t, a, "INBOX", false), open(t, a, "INBOX", false)
	if examine.Recent() != 2 || first.Recent() != 2 || second.Recent() != 0 {
		t.Errorf("EXAMINE %d, first %d, second %d recent", examine.Recent(), first.Recent(), second.Recent())
	}
	fill(t, a, "INBOX", 1)
	if st, _ := a.Status("INBOX"); st.Recent != 1 {
		t.Errorf("STATUS says %d recent", st.Recent)
	}
	second.Pull(true)
	first.Pull(true)
	if first.Recent() != 2 || second.Recent() != 1 {
		t.Errorf("first %d, second %d recent", first.Recent(), second.Recent())
	}
}

func TestResolve(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 5)
	v := open(t, a, "INBOX", false)
	two, _ := v.Resolve([]Range{{2, 2}}, false)
	if _, err := v.Move(two, "Trash", true); err != nil {
		t.Fatal(err)
	}
	v.Pull(true) // UIDs 1 3 4 5
	for _, c := range []struct {
		set  []Range
		uid  bool
		want string
	}{
		{[]Range{{1, 0}}, false, "1 3 4 5"},
		{[]Range{{0, 0}}, false, "5"},
		{[]Range{{4, 2}, {3, 3}, {1, 1}}, false, "1 3 4 5"},
		{[]Range{{5, 5}}, false, "bad"},
		{[]Range{{2, 2}}, true, ""},
		{[]Range{{2, 4}}, true, "3 4"},
		{[]Range{{9, 0}}, true, "5"},
		{[]Range{{1, 4294967295}}, true, "1 3 4 5"},
	} {
		got := ""
		sel, err := v.Resolve(c.set, c.uid)
		if err != nil {
			got = "bad"
		}
		for i, r := range v.Rows(sel, 0, sel.Len(), nil) {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprint(r.UID)
		}
		if got != c.want {
			t.Errorf("%v uid %v: %q, want %q", c.set, c.uid, got, c.want)
		}
	}
	empty := open(t, a, "Drafts", false)
	if _, err := empty.Resolve([]Range{{1, 0}}, false); !errors.Is(err, ErrBadSequence) {
		t.Errorf("1:* of an empty mailbox: %v", err)
	}
	if sel, err := empty.Resolve([]Range{{1, 0}}, true); err != nil || sel.Len() != 0 {
		t.Errorf("UIDs 1:* of an empty mailbox: %v", err)
	}
}

// Many sessions change one mailbox at once; the counters stay right and a batch
// in which one change fails keeps the others.
func TestConcurrentWriters(t *testing.T) {
	b, a := testAccount(t)
	const writers, each = 8, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			v, err := a.Open("INBOX", false, func() {})
			if err != nil {
				t.Error(err)
				return
			}
			defer v.Close()
			for i := range each {
				s := b.NewSpool()
				fmt.Fprintf(s, "Subject: %d %d\r\n\r\n", w, i)
				if _, _, err := a.Append("INBOX", &Incoming{Body: s, Keywords: []string{"$same"}}); err != nil {
					t.Error(err)
				}
				s.Close()
				if err := a.Create("Trash", ""); !errors.Is(err, ErrExists) {
					t.Errorf("create Trash: %v", err)
				}
				v.Pull(true)
				if _, err := v.Store(v.All(), StoreRequest{Op: StoreAdd, Flags: FlagSeen}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	st, err := a.Status("INBOX")
	if err != nil || st.Messages != writers*each || st.UIDNext != writers*each+1 {
		t.Errorf("%+v, %v", st, err)
	}
	v := open(t, a, "INBOX", false)
	if _, err := v.Store(v.All(), StoreRequest{Op: StoreAdd, Flags: FlagSeen}); err != nil {
		t.Error(err)
	}
	if st, _ := a.Status("INBOX"); st.Unseen != 0 {
		t.Errorf("%d unseen", st.Unseen)
	}
	if k := v.Keywords(); !slices.Equal(k, []string{"$same"}) {
		t.Errorf("keywords %v", k)
	}
}
