package backend

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"satchel/storage"
)

// TestKeywordSetsAreDropped: sets of keywords that no message has any more do not stay.
func TestKeywordSetsAreDropped(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 2)
	v := open(t, a, "INBOX", false)
	x := v.mailbox.idx
	for i := range 1000 {
		v.mailbox.altered(&alteration{uids: []UID{1}, modseq: ModSeq(10 + i), rows: []newFlags{{0, fmt.Sprintf("a k%d", i)}}})
	}
	if n := len(x.sets.texts); n > 100 || x.sets.bytes > 100*200 {
		t.Errorf("%d sets of %d bytes for two messages", n, x.sets.bytes)
	}
	rows := v.Rows(v.All(), 0, 2, nil)
	if got := fmt.Sprint(rows[0].Keywords, rows[1].Keywords); got != "[a k999] []" {
		t.Errorf("keywords %v", got)
	}
}

// TestColumnKeepsValuesOnce: of many equal values one is kept.
func TestColumnKeepsValuesOnce(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var c column
	before := heap()
	const n = 50_000
	for range n {
		c.add(func(dst []byte) []byte { return append(dst, strings.Repeat("s", 200)...) })
	}
	c.rankAdded()
	if more := int64(heap() - before); more > n*200/4 {
		t.Errorf("%d bytes are kept, %d counted", more, c.size())
	}
	runtime.KeepAlive(&c)
}

// TestSortCacheIsDropped: what sorting needs does not stay in memory for as long as a
// mailbox is open.
func TestSortCacheIsDropped(t *testing.T) {
	b, a := testAccount(t)
	fill(t, a, "INBOX", 3)
	v := open(t, a, "INBOX", false)
	sort := func() {
		if seqs, err := v.Sort(context.Background(), v.All(), []SortBy{{Key: SortSubject}}); err != nil || len(seqs) != 3 {
			t.Fatalf("%v, %v", seqs, err)
		}
	}
	sort()
	b.tidyAt(time.Now())
	if v.mailbox.sort == nil {
		t.Error("dropped at once")
	}
	b.cfg.IndexMemory = 10
	b.tidyAt(time.Now())
	if v.mailbox.sort != nil {
		t.Error("kept though there is no room")
	}
	b.cfg.IndexMemory = 1 << 20
	sort()
	b.tidyAt(time.Now().Add(time.Hour))
	if v.mailbox.sort != nil || v.mailbox.idx == nil {
		t.Error("an hour later: ", v.mailbox.sort, v.mailbox.idx)
	}
	sort()
}

// TestMadeKeysArePutAway: keys that have to be made for a large mailbox of old are not
// all held in memory before the first are stored.
func TestMadeKeysArePutAway(t *testing.T) {
	_, a := testAccount(t)
	m, err := a.mailbox("INBOX")
	if err != nil {
		t.Fatal(err)
	}
	old, err := storage.NewBody([]byte("Subject: x\r\n\r\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	const n = maxMade + sortBatch/2
	try(t, a.write(&change{run: func(tx *storage.Tx) error {
		for range n {
			if _, err := tx.Append(m.id, old); err != nil {
				return err
			}
		}
		return nil
	}}))
	v := open(t, a, "INBOX", false)
	sorted := 0
	c, need := m.sortKeys(), needs(1<<SortSubject)
	made, done, err := c.use(context.Background(), v, need, func(*sortCache) { sorted++ })
	if len(made) != maxMade || done || err != nil || sorted > 0 {
		t.Errorf("%d keys at once, done %v, %v", len(made), done, err)
	}
	made, done, err = c.use(context.Background(), v, need, func(*sortCache) { sorted++ })
	if len(made) != n-maxMade || !done || err != nil || sorted != 1 {
		t.Errorf("then %d keys, done %v, %v", len(made), done, err)
	}
	c.reset()
	if seqs, err := v.Sort(context.Background(), v.All(), []SortBy{{Key: SortSubject, Reverse: true}}); len(seqs) != n || seqs[n-1] != n {
		t.Errorf("%d sorted, %v", len(seqs), err)
	}
}
