package backend

import (
	"slices"
	"testing"
	"time"
)

// expungeUIDs removes messages through a view of its own.
func expungeUIDs(t *testing.T, a *Account, uids ...uint32) {
	t.Helper()
	v, err := a.Open("INBOX", false, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var set []Range
	for _, uid := range uids {
		set = append(set, Range{uid, uid})
	}
	sel, err := v.Resolve(set, true)
	if err == nil {
		_, err = v.Store(sel, StoreRequest{Op: StoreAdd, Flags: FlagDeleted})
	}
	if err == nil {
		err = v.Expunge(&sel)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestVanished asks what was expunged, also of a mailbox that has forgotten it.
func TestVanished(t *testing.T) {
	b, a := testAccount(t)
	fill(t, a, "INBOX", 12)
	before, err := a.Status("INBOX")
	if err != nil {
		t.Fatal(err)
	}
	expungeUIDs(t, a, 2, 3, 9)
	v, err := a.Open("INBOX", true, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	expungeUIDs(t, a, 4, 12) // which v still counts
	check := func(set []Range, since ModSeq, want ...Range) {
		t.Helper()
		if got, err := v.Vanished(set, since); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v since %d: %v, %v; want %v", set, since, got, err, want)
		}
	}
	check(nil, before.HighestModSeq, Range{2, 3}, Range{9, 9})
	check([]Range{{3, 0}}, before.HighestModSeq, Range{3, 3}, Range{9, 9})
	check([]Range{{9, 9}, {1, 2}, {8, 9}}, 1, Range{2, 2}, Range{9, 9})
	check([]Range{{5, 8}, {400, 500}}, 1)
	check(nil, v.HighestModSeq())
	if c := v.Pull(true); !slices.Equal(c.Vanished, []UID{4, 12}) || !slices.Equal(c.Expunged, []uint32{9, 2}) {
		t.Errorf("then vanished %v, expunged %v", c.Vanished, c.Expunged)
	}
	check(nil, before.HighestModSeq, Range{2, 4}, Range{9, 9}, Range{12, 12})
	b.tidyAt(time.Now().Add(400 * 24 * time.Hour))
	check([]Range{{1, 0}}, before.HighestModSeq, Range{2, 4}, Range{9, 9}, Range{12, 12})
	check(nil, 0, Range{2, 4}, Range{9, 9}, Range{12, 12})
	check(nil, v.HighestModSeq())
	fill(t, a, "INBOX", 1) // UID 13, which v has yet to be told of
	check(nil, 0, Range{2, 4}, Range{9, 9}, Range{12, 12})
}

// TestKnownUpTo compares what a client remembers of sequence numbers.
func TestKnownUpTo(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 6)
	expungeUIDs(t, a, 3)
	v, err := a.Open("INBOX", true, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for _, c := range []struct {
		seqs, uids []uint32
		want       UID
	}{
		{nil, nil, 0},
		{[]uint32{1, 2}, []uint32{1, 2}, 2},
		{[]uint32{2, 3, 5}, []uint32{2, 4, 6}, 6},
		{[]uint32{2, 3, 5}, []uint32{2, 3, 5}, 2},
		{[]uint32{6}, []uint32{6}, 0},
	} {
		if got := v.KnownUpTo(c.seqs, c.uids); got != c.want {
			t.Errorf("%v are %v: known up to %d, want %d", c.seqs, c.uids, got, c.want)
		}
	}
}
