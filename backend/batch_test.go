package backend

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// letterOf is a message of its own, of size bytes or a little more: noise in
// base64, or words.
func letterOf(rnd *rand.Rand, n, size int) []byte {
	b := fmt.Appendf(nil, "Subject: %d\r\nMessage-ID: <%d@example.org>\r\n\r\n", n, n)
	for len(b) < size {
		if n%2 == 0 {
			b = fmt.Appendf(b, "word %d and %d\r\n", rnd.IntN(50), rnd.IntN(50))
			continue
		}
		for range 76 {
			b = append(b, "ABCDEFGHIJKLMNOPabcdefghijklmnop"[rnd.IntN(32)])
		}
		b = append(b, "\r\n"...)
	}
	return b
}

// TestBatchBytes stores batches larger than what is prepared before the first
// message is written, one after the other in the same memory, and reads every byte.
func TestBatchBytes(t *testing.T) {
	b, a := testAccount(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	var sent [][]byte
	for range 3 {
		var batch Batch
		for range 60 {
			in := &Incoming{Body: b.NewSpool()}
			sent = append(sent, letterOf(rnd, len(sent), 1+rnd.IntN(150_000)))
			in.Body.Write(sent[len(sent)-1])
			batch.Add(in)
		}
		if uids, err := a.AppendBatch("INBOX", &batch); err != nil || len(uids) != 60 || int(uids[59]) != len(sent) {
			t.Fatalf("UIDs %v, %v", uids, err)
		}
		batch.Close()
	}
	v, err := a.Open("INBOX", true, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for i, row := range v.Rows(v.All(), 0, len(sent), nil) {
		if got, err := v.AppendBytes(nil, &row, 0, int64(row.Size)); err != nil || !bytes.Equal(got, sent[i]) {
			t.Errorf("message %d of %d bytes: %d came back, %v", i, len(sent[i]), len(got), err)
		}
	}
}

// TestBatchUnreadable: one message that cannot be prepared keeps all of them out,
// wherever it stands.
func TestBatchUnreadable(t *testing.T) {
	b, a := testAccount(t)
	for _, bad := range []int{0, 30, 59} {
		var batch Batch
		for i := range 60 {
			in := &Incoming{Body: b.NewSpool()}
			in.Body.Write(bytes.Repeat([]byte("a line of text\r\n"), 3000))
			if i == bad { // as a spool on a disk that fails
				in.Body.Write(make([]byte, spoolMemory))
				in.Body.file.Close()
			}
			batch.Add(in)
		}
		if uids, err := a.AppendBatch("INBOX", &batch); err == nil {
			t.Errorf("message %d cannot be read, and yet UIDs %v", bad, uids)
		}
		batch.Close()
	}
	if st, err := a.Status("INBOX"); err != nil || st.Messages != 0 {
		t.Errorf("%d messages are stored, %v", st.Messages, err)
	}
}
