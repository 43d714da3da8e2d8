package storage

import (
	"math/rand/v2"
	"os"
	"testing"
)

// TestFold: a log that has grown is said to be long, and begins anew once it is folded.
func TestFold(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	body := make([]byte, 100_000)
	for i := range body {
		body[i] = byte(rand.Uint32())
	}
	var longest int64
	for range 3 {
		for n := 0; !m.LogIsLong(); n++ {
			if n == 200 {
				t.Fatal("20 MB and the log is not long")
			}
			commit(t, m, func(tx *Tx) { ok[Entry](t)(tx.Append(box, ok[*NewMessage](t)(NewBody(nil, body)))) })
		}
		must(t, m.Fold())
		info := ok[os.FileInfo](t)(os.Stat(m.path + "-wal"))
		longest = max(longest, info.Size())
		if m.LogIsLong() {
			t.Error("the log is long after Fold")
		}
	}
	if limit := int64(foldPages*3/2) * (mailPageSize + 24); longest > limit {
		t.Errorf("the log has %d bytes, at most %d", longest, limit)
	}
}
