package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"satchel/backend/message"
)

// numbers are the sequence numbers or UIDs of a selection.
func numbers(v *View, s Selection, uid bool) []uint32 {
	var list []uint32
	for first, last := range v.Runs(s, uid) {
		for n := first; n <= last; n++ {
			list = append(list, n)
		}
	}
	return list
}

func TestSearchLevels(t *testing.T) {
	_, a := testAccount(t)
	for i := range 600 {
		text := fmt.Sprintf("From: p%d@example.org\r\nDate: Mon, %d Jan 2024 23:30:00 -0500\r\nX-Note: n%d\r\n\r\nword%d\r\n", i%7, 1+i%3, i%5, i%11)
		in := incoming(t, a, text)
		if i%2 == 0 {
			in.Flags = FlagSeen
		}
		if _, _, err := a.Append("INBOX", in); err != nil {
			t.Fatal(err)
		}
	}
	v := open(t, a, "INBOX", false)
	seen := func() *Query { return &Query{Op: QueryFlags, Flags: FlagSeen} }
	for name, c := range map[string]struct {
		q    *Query
		want func(i int) bool
	}{
		"seen":       {seen(), func(i int) bool { return i%2 == 0 }},
		"not seen":   {Not(seen()), func(i int) bool { return i%2 == 1 }},
		"from":       {&Query{Op: QueryHead, Head: 0, Needle: message.Fold(nil, []byte("p3@"))}, func(i int) bool { return i%7 == 3 }},
		"sent on":    {&Query{Op: QuerySentOn, Day: dayOf(1704153600)}, func(i int) bool { return i%3 == 1 }},
		"header":     {&Query{Op: QueryHeader, Name: "x-note", Needle: message.Fold(nil, []byte("n4"))}, func(i int) bool { return i%5 == 4 }},
		"body":       {&Query{Op: QueryBody, Needle: message.Fold(nil, []byte("word9"))}, func(i int) bool { return i%11 == 9 }},
		"text":       {&Query{Op: QueryText, Needle: message.Fold(nil, []byte("n4"))}, func(i int) bool { return i%5 == 4 }},
		"everything": {And(seen(), Or(&Query{Op: QueryBody, Needle: message.Fold(nil, []byte("word9"))}, Not(&Query{Op: QueryHeader, Name: "X-Note", Needle: message.Fold(nil, []byte("n4"))}))), func(i int) bool { return i%2 == 0 && (i%11 == 9 || i%5 != 4) }},
	} {
		var want []uint32
		for i := range 600 {
			if c.want(i) {
				want = append(want, uint32(i+1))
			}
		}
		found, err := v.Search(context.Background(), c.q, SearchOptions{})
		if got := numbers(v, found.Selection, false); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %d found (%v), want %d", name, len(got), err, len(want))
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.Search(ctx, seen(), SearchOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled search: %v", err)
	}
}

// TestSearchOptions looks for part of what matches, from either end.
func TestSearchOptions(t *testing.T) {
	_, a := testAccount(t)
	for i := range 400 {
		in := incoming(t, a, fmt.Sprintf("Subject: n%d\r\n\r\nbody\r\n", i%4))
		if i%3 == 0 {
			in.Flags = FlagFlagged
		}
		if _, _, err := a.Append("INBOX", in); err != nil {
			t.Fatal(err)
		}
	}
	v := open(t, a, "INBOX", false)
	some := v.All().Slice(10, 20)
	subject := &Query{Op: QueryHead, Head: message.Subject, Needle: message.Fold(nil, []byte("n3"))}
	flagged := &Query{Op: QueryFlags, Flags: FlagFlagged}
	for _, c := range []struct {
		name string
		q    *Query
		o    SearchOptions
		want []uint32
	}{
		{"in", flagged, SearchOptions{In: &some}, []uint32{13, 16, 19}},
		{"first", flagged, SearchOptions{Enough: 3}, []uint32{1, 4, 7}},
		{"last", flagged, SearchOptions{Enough: 3, Backward: true}, []uint32{394, 397, 400}},
		{"first of columns", subject, SearchOptions{Enough: 5}, []uint32{4, 8, 12, 16, 20}},
		{"last of columns", subject, SearchOptions{Enough: 5, Backward: true}, []uint32{384, 388, 392, 396, 400}},
		{"of the last ten", flagged, SearchOptions{Most: 10}, []uint32{391, 394, 397, 400}},
		{"set", And(flagged, &Query{Op: QuerySeqs, Set: []Range{{5, 8}, {2, 3}}}), SearchOptions{}, []uint32{7}},
		{"only sets", And(&Query{Op: QueryUIDs, Set: []Range{{5, 8}}}, &Query{Op: QuerySeqs, Set: []Range{{7, 9}}}), SearchOptions{}, []uint32{7, 8}},
	} {
		found, err := v.Search(context.Background(), c.q, c.o)
		if got := numbers(v, found.Selection, false); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
		if below := c.o.Most > 0; below != (found.LowestUID == 391) {
			t.Errorf("%s: lowest UID looked at %d", c.name, found.LowestUID)
		}
	}
}

func TestSelectionSets(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 9)
	v := open(t, a, "INBOX", false)
	gap, _ := v.Resolve([]Range{{2, 3}}, false)
	if _, err := v.Move(gap, "Trash", true); err != nil {
		t.Fatal(err)
	}
	v.Pull(true) // UIDs 1 4 5 6 7 8 9
	sel, _ := v.Resolve([]Range{{1, 2}, {4, 5}, {7, 7}}, false)
	for _, c := range []struct {
		name string
		sel  Selection
		want []uint32 // UIDs
	}{
		{"all", sel, []uint32{1, 4, 6, 7, 9}},
		{"slice", sel.Slice(1, 4), []uint32{4, 6, 7}},
		{"slice beyond", sel.Slice(3, 99), []uint32{7, 9}},
		{"nothing", sel.Slice(5, 9), nil},
		{"union", Union(sel.Slice(4, 5), sel.Slice(0, 1)), []uint32{1, 9}},
		{"without", sel.Without(sel.Slice(1, 3)), []uint32{1, 7, 9}},
		{"intersection", sel.Intersect(v.All().Slice(1, 4)), []uint32{4, 6}},
	} {
		if got := numbers(v, c.sel, true); !slices.Equal(got, c.want) || c.sel.Len() != len(c.want) {
			t.Errorf("%s: %v, %d, want %v", c.name, got, c.sel.Len(), c.want)
		}
	}
	if got := v.Ranges(sel); !slices.Equal(got, []Range{{1, 4}, {6, 7}, {9, 9}}) {
		t.Errorf("ranges %v", got)
	}
}

// BenchmarkSearchMemory is what a phone asks a dozen times when it shows a mailbox:
// keys that the index answers.
func BenchmarkSearchMemory(b *testing.B) {
	_, a := testAccount(b)
	const messages = 20000
	var batch Batch
	for i := range messages {
		in := incoming(b, a, "Subject: x\r\n\r\nbody\r\n")
		in.Flags = FlagSeen * Flags(min(i%3, 1))
		if i%10 == 7 {
			in.Flags |= FlagFlagged
		}
		batch.Add(in)
	}
	if _, err := a.AppendBatch("INBOX", &batch); err != nil {
		b.Fatal(err)
	}
	v := open(b, a, "INBOX", false)
	seen := &Query{Op: QueryFlags, Flags: FlagSeen}
	for name, q := range map[string]*Query{
		"all":     {Op: QueryAll},
		"uids":    {Op: QueryUIDs, Set: []Range{{1, 15000}}},
		"flagged": {Op: QueryFlags, Flags: FlagFlagged},
		"unseen":  Not(seen),
		"since":   And(Not(seen), &Query{Op: QuerySince, Day: 1}),
		"kept":    And(&Query{Op: QueryUIDs, Set: []Range{{1, 0}}}, Not(&Query{Op: QueryFlags, Flags: FlagDeleted})),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if found, err := v.Search(context.Background(), q, SearchOptions{}); err != nil || found.Len() < messages/10 {
					b.Fatal(found.Len(), err)
				}
			}
		})
	}
}

func TestUIDBatches(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 10)
	v := open(t, a, "INBOX", false)
	gone, _ := v.Resolve([]Range{{1, 1}, {5, 6}}, false)
	if _, err := v.Move(gone, "Trash", true); err != nil {
		t.Fatal(err)
	}
	v.Pull(true) // UIDs 2 3 4 7 8 9 10
	for _, c := range []struct {
		size, first, last int
		want              []Range
	}{
		{3, 1, 9, []Range{{10, 8}, {7, 3}, {2, 1}}},
		{3, 2, 2, []Range{{7, 3}}},
		{4, 1, 9, []Range{{10, 7}, {6, 1}}},
		{7, 1, 9, []Range{{10, 1}}},
		{6, 2, 2, []Range{{2, 1}}},
		{6, 3, 9, nil},
	} {
		if got := v.UIDBatches(c.size, c.first, c.last); !slices.Equal(got, c.want) {
			t.Errorf("batches of %d from %d to %d: %v, want %v", c.size, c.first, c.last, got, c.want)
		}
	}
}

// A look at a mailbox leaves no index behind, unless it was there before.
func TestLookKeepsNoIndex(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 3)
	m, err := a.mailbox("INBOX")
	if err != nil {
		t.Fatal(err)
	}
	look := func() {
		t.Helper()
		if err := a.Look("INBOX", func(v *View) error {
			if v.Exists() != 3 || !v.ReadOnly() {
				t.Errorf("%d messages", v.Exists())
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	look()
	if m.idx != nil {
		t.Error("the index was kept")
	}
	v := open(t, a, "INBOX", false)
	look()
	if m.idx == nil || v.Exists() != 3 {
		t.Error("the index in use was dropped")
	}
	if err := a.Look("Nowhere", func(*View) error { return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("a mailbox that does not exist: %v", err)
	}
}
