package storage

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// TestAppendMessages reads runs and scattered choices of messages, some of them gone.
func TestAppendMessages(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rng := rand.New(rand.NewPCG(8, 8))
	var entries []Entry
	wholes := map[MessageID][]byte{}
	for range 2 {
		for _, body := range bodies(rng) {
			header := text(rng, rng.IntN(2)*(packedHeader+rng.IntN(400)))
			n := ok[*NewMessage](t)(NewBody(header, body))
			commit(t, m, func(tx *Tx) { entries = append(entries, ok[Entry](t)(tx.Append(box, n))) })
			wholes[entries[len(entries)-1].Message] = append(header, body...)
		}
	}
	gone := entries[4]
	commit(t, m, func(tx *Tx) {
		ok[ModSeq](t)(tx.Expunge(box, []Entry{gone}))
	})
	commit(t, m, func(tx *Tx) {
		ok[int](t)(purge(tx, time.Now().Add(time.Hour), 10))
	})
	delete(wholes, gone.Message)
	for range 50 {
		from := rng.IntN(len(entries))
		to := from + rng.IntN(len(entries)-from+1)
		var ids []MessageID
		for _, e := range entries[from:to] {
			if rng.IntN(4) > 0 {
				ids = append(ids, e.Message)
			}
		}
		if rng.IntN(3) == 0 {
			slices.Reverse(ids)
		}
		got, ends, err := m.AppendMessages([]byte("before"), ids, []int{6})
		if err != nil || len(ends) != len(ids)+1 {
			t.Fatalf("%d messages, %d ends: %v", len(ids), len(ends), err)
		}
		for i, id := range ids {
			if !bytes.Equal(got[ends[i]:ends[i+1]], wholes[id]) {
				t.Fatalf("message %d of %v: %d bytes, want %d", id, ids, ends[i+1]-ends[i], len(wholes[id]))
			}
		}
	}
}

// TestAppendOldMessages reads messages whose chunks are as they were stored once.
func TestAppendOldMessages(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rng := rand.New(rand.NewPCG(9, 9))
	var ids []MessageID
	var want []byte
	for range 5 {
		header, body := text(rng, 300), text(rng, 2*chunkSize+rng.IntN(chunkSize))
		n := ok[*NewMessage](t)(NewBody(header, body))
		var e Entry
		commit(t, m, func(tx *Tx) {
			e = ok[Entry](t)(tx.Append(box, n))
			must(t, tx.c.exec("DELETE FROM body WHERE id BETWEEN ? AND ?", bodyKey(e.Message, 0, 0), bodyKey(e.Message+1, 0, 0)-1))
			for i, chunk := range slices.Collect(slices.Chunk(body, chunkSize)) {
				must(t, tx.c.exec("INSERT INTO body (id, data) VALUES (?, ?)", bodyKey(e.Message, int64(i), 0), zstdChunk(t, chunk)))
			}
		})
		ids, want = append(ids, e.Message), append(append(want, header...), body...)
	}
	got, ends, err := m.AppendMessages(nil, ids, nil)
	if err != nil || len(ends) != len(ids) || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes of %d messages, want %d of %d: %v", len(got), len(ends), len(want), len(ids), err)
	}
}

// zstdChunk is a chunk in a form that is not written any more.
func zstdChunk(t *testing.T, raw []byte) []byte {
	return ok[*zstd.Encoder](t)(zstd.NewWriter(nil)).EncodeAll(raw, []byte{1})
}
