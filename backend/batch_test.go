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
// message is written, one after the other in the same memory, and reads every byte;
// and so again when others have all the memory that there is.
func TestBatchBytes(t *testing.T) {
	b, a := testAccount(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	var sent [][]byte
	for _, others := range []int64{0, 0, spoolsMemory} {
		b.spools.memory.Store(others)
		var batch Batch
		for i := range 60 {
			in := &Incoming{Body: b.NewSpool()}
			size := rnd.IntN(150_000)
			if i == 20 {
				size = spoolMemory * 2
			}
			sent = append(sent, letterOf(rnd, len(sent), size))
			in.Body.Write(sent[len(sent)-1])
			batch.Add(in)
		}
		if uids, err := a.AppendBatch("INBOX", &batch); err != nil || len(uids) != 60 || int(uids[59]) != len(sent) {
			t.Fatalf("UIDs %v, %v", uids, err)
		}
		batch.Close()
		if left := b.spools.memory.Load() - others; left != 0 {
			t.Errorf("%d bytes of memory still count", left)
		}
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

// TestBatchMemory: batches that never end have in memory what they may have; one can be
// stored more than once.
func TestBatchMemory(t *testing.T) {
	b, a := testAccount(t)
	letter := letterOf(rand.New(rand.NewPCG(5, 6)), 1, 60_000)
	const batches, messages = 12, 100
	var all [batches]Batch
	for i := range all {
		for range messages {
			in := &Incoming{Body: b.NewSpool()}
			in.Body.Write(letter)
			all[i].Add(in)
		}
		most := spoolsMemory + int64(i+1)*4*shareBytes
		if held := b.spools.memory.Load(); held > most {
			t.Fatalf("%d batches hold %d bytes, at most %d", i+1, held, most)
		}
		if all[i].held > batchHeld {
			t.Fatalf("a batch holds %d bytes", all[i].held)
		}
	}
	for range 2 {
		if uids, err := a.AppendBatch("INBOX", &all[0]); err != nil || len(uids) != messages {
			t.Fatalf("UIDs %v, %v", uids, err)
		}
	}
	for i := range all {
		all[i].Close()
	}
	if held := b.spools.memory.Load(); held != 0 {
		t.Errorf("%d bytes of memory still count", held)
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

// TestAppendGivesMemoryBack: what was stored, or could not be, holds no memory.
func TestAppendGivesMemoryBack(t *testing.T) {
	b, a := testAccount(t)
	for _, mailbox := range []string{"INBOX", "none"} {
		s := b.NewSpool()
		if _, err := s.Write([]byte("Subject: x\r\n\r\nbody\r\n")); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.Append(mailbox, &Incoming{Body: s}); (err == nil) != (mailbox == "INBOX") {
			t.Fatal(err)
		}
		if held := b.spools.memory.Load(); held != 0 {
			t.Errorf("appended to %s: %d bytes are held", mailbox, held)
		}
	}
}
