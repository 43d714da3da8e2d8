package backend

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"satchel/backend/message"
)

// TestSearchRepeated: keys that name the same large set or thread over and over take
// the memory of one, and a search that is kept takes none of it.
func TestSearchRepeated(t *testing.T) {
	_, a := testAccount(t)
	const messages, keys, most = 2000, 999, 4 << 20
	var b Batch
	var odd []Range
	for i := range messages {
		b.Add(incoming(t, a, fmt.Sprintf("Message-ID: <%d@x>\r\nReferences: <first@x>\r\nSubject: x\r\n\r\nx\r\n", i)))
		if i%2 == 0 {
			odd = append(odd, Range{uint32(i + 1), uint32(i + 1)})
		}
	}
	if _, err := a.AppendBatch("INBOX", &b); err != nil {
		t.Fatal(err)
	}
	v := open(t, a, "INBOX", false)
	threads := make([]MessageID, 1)
	if err := v.Threads(v.Rows(v.All(), 0, 1, nil), threads); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key  Query
		want int
	}{
		"set":    {Query{Op: QueryUIDs, Set: odd}, messages / 2},
		"thread": {Query{Op: QueryThread, Object: int64(threads[0])}, messages},
	} {
		var list []*Query
		for range keys {
			key := c.key
			list = append(list, &key)
		}
		q := And(list...)
		before := heap()
		found, err := v.Search(context.Background(), q, SearchOptions{})
		if grown := heap() - before; err != nil || found.Len() != c.want || grown > most {
			t.Errorf("%s: %d found, %v, %d MiB", name, found.Len(), err, grown>>20)
		}
		if q = v.Pinned(q); q.Sub[0].spans != nil || q.Sub[0].group != nil {
			t.Errorf("%s: what was found is held", name)
		}
	}
}

// TestSearchPortions: columns of messages that are too large to be read together are
// read one after the other, and what is found is the same.
func TestSearchPortions(t *testing.T) {
	a := unindexed(t)
	large := strings.Repeat("a line of a long letter\r\n", portionBytes/3/25)
	for i := range 20 {
		body := "short\r\n"
		if i%4 == 1 {
			body = large
		}
		text := fmt.Sprintf("Date: %d Jan 2024 12:00:00 +0000\r\nX-Note: n%d\r\n\r\n%s", 1+i%3, i%5, body)
		if _, _, err := a.Append("INBOX", incoming(t, a, text)); err != nil {
			t.Fatal(err)
		}
	}
	v := open(t, a, "INBOX", false)
	note := func(s string) *Query {
		return &Query{Op: QueryHeader, Name: "X-Note", Needle: message.Fold(nil, []byte(s))}
	}
	first := &Query{Op: QuerySentOn, Day: year2024}
	saved := &Query{Op: QuerySavedSince, Day: year2024}
	for name, c := range map[string]struct {
		q     *Query
		holds func(i int) bool
	}{
		"header":     {note("n3"), func(i int) bool { return i%5 == 3 }},
		"not header": {Not(note("n3")), func(i int) bool { return i%5 != 3 }},
		"columns":    {Or(And(first, saved, Not(note("n1"))), note("n4")), func(i int) bool { return i%3 == 0 && i%5 != 1 || i%5 == 4 }},
		"body":       {Or(And(note("n1"), body("LONG l")), And(first, body("short"))), func(i int) bool { return i%5 == 1 && i%4 == 1 || i%3 == 0 && i%4 != 1 }},
	} {
		var want []uint32
		for i := range 20 {
			if c.holds(i) {
				want = append(want, uint32(i+1))
			}
		}
		if got := lookFor(t, v, c.q); !slices.Equal(got, want) {
			t.Errorf("%s: found %v, want %v", name, got, want)
		}
	}
}

// heap is how much memory is in use, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
