package backend

import (
	"context"
	"fmt"
	"runtime"
	"testing"
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

// heap is how much memory is in use, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
