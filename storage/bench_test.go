//go:build unix

package storage

import (
	"encoding/base64"
	"math/rand/v2"
	"syscall"
	"testing"
)

// cpuTime returns what this process has used, in seconds: on a busy machine the only time that means something.
func cpuTime() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// measure runs b's loop over f and reports CPU time beside the wall clock's.
func measure(b *testing.B, f func()) {
	start := cpuTime()
	for b.Loop() {
		f()
	}
	b.ReportMetric((cpuTime()-start)*1e6/float64(b.N), "cpu-us/op")
}

func benchmarkAppend(b *testing.B, perCommit int) {
	m := openTest(b)
	box := newMailbox(b, m, "INBOX")
	rng := rand.New(rand.NewPCG(1, 2))
	letters := make([]*NewMessage, 64)
	for i := range letters {
		letters[i] = letter(b, rng, 8<<10)
	}
	b.ResetTimer()
	start := cpuTime()
	for i := 0; i < b.N; i += perCommit {
		tx := begin(b, m)
		for j := range perCommit {
			must(b, tx.Savepoint())
			ok[Entry](b)(tx.Append(box, letters[(i+j)%len(letters)]))
			must(b, tx.Release())
		}
		must(b, tx.Commit())
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric((cpuTime()-start)*1e6/float64(b.N), "cpu-us/op")
}

func BenchmarkAppend1(b *testing.B)  { benchmarkAppend(b, 1) }
func BenchmarkAppend16(b *testing.B) { benchmarkAppend(b, 16) }

// fill stores n small messages.
func fillBox(t testing.TB, m *Mail, box MailboxID, n int) []Entry {
	rng := rand.New(rand.NewPCG(3, 4))
	l := letter(t, rng, 600)
	commit(t, m, func(tx *Tx) {
		for range n {
			ok[Entry](t)(tx.Append(box, l))
		}
	})
	return entries(t, m, box)
}

func BenchmarkCopy5000(b *testing.B) {
	m := openTest(b)
	box, other := newMailbox(b, m, "INBOX"), newMailbox(b, m, "Other")
	rows := fillBox(b, m, box, 5000)
	measure(b, func() {
		commit(b, m, func(tx *Tx) { ok[[]Entry](b)(tx.Copy(other, rows)) })
	})
}

func BenchmarkMove5000(b *testing.B) {
	m := openTest(b)
	box, other := newMailbox(b, m, "INBOX"), newMailbox(b, m, "Other")
	rows := fillBox(b, m, box, 5000)
	measure(b, func() {
		commit(b, m, func(tx *Tx) {
			var err error
			rows, _, err = tx.Move(box, other, rows)
			must(b, err)
		})
		box, other = other, box
	})
}

func BenchmarkExpunge5000(b *testing.B) {
	m := openTest(b)
	box := newMailbox(b, m, "INBOX")
	measure(b, func() {
		b.StopTimer()
		rows := fillBox(b, m, box, 5000)
		must(b, m.Checkpoint()) // or the next commit would pay for it
		b.StartTimer()
		commit(b, m, func(tx *Tx) { ok[ModSeq](b)(tx.Expunge(box, rows)) })
	})
}

func BenchmarkSetFlags20000(b *testing.B) {
	m := openTest(b)
	box := newMailbox(b, m, "INBOX")
	rows := fillBox(b, m, box, 20000)
	all := []Range{{rows[0].UID, rows[len(rows)-1].UID}}
	seen := 0
	measure(b, func() {
		c := FlagChange{UIDs: all, Set: FlagSeen, Unseen: -len(rows)}
		if seen++; seen%2 == 0 {
			c = FlagChange{UIDs: all, Clear: FlagSeen, Unseen: len(rows)}
		}
		commit(b, m, func(tx *Tx) { ok[ModSeq](b)(tx.SetFlags(box, []FlagChange{c})) })
	})
}

func BenchmarkEntries100k(b *testing.B) {
	m := openTest(b)
	box := newMailbox(b, m, "INBOX")
	rows := fillBox(b, m, box, 10000)
	commit(b, m, func(tx *Tx) {
		for range 9 {
			ok[[]Entry](b)(tx.Copy(box, rows))
		}
	})
	measure(b, func() {
		n := 0
		must(b, m.Entries(box, func(e *Entry) error { n++; return nil }))
		if n != 100_000 {
			b.Fatal(n)
		}
	})
}

func BenchmarkMessages256(b *testing.B) {
	m := openTest(b)
	box := newMailbox(b, m, "INBOX")
	rng := rand.New(rand.NewPCG(1, 2))
	commit(b, m, func(tx *Tx) {
		for range 5000 {
			ok[Entry](b)(tx.Append(box, letter(b, rng, 1000)))
		}
	})
	ids := make([]MessageID, 256)
	var into []Message
	i := 0
	measure(b, func() {
		for k := range ids {
			ids[k] = MessageID(i%4500 + k + 1)
		}
		i += 256
		into = ok[[]Message](b)(m.Messages(ids, ColEnvelope, into))
		if len(into[0].Envelope) != 500 || len(into[255].Envelope) != 500 {
			b.Fatal("wrong")
		}
	})
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/row")
}

func BenchmarkBytes8K(b *testing.B) {
	m := openTest(b)
	box := newMailbox(b, m, "INBOX")
	rng := rand.New(rand.NewPCG(1, 2))
	commit(b, m, func(tx *Tx) {
		for range 1000 {
			ok[Entry](b)(tx.Append(box, letter(b, rng, 8<<10)))
		}
	})
	var buf []byte
	i := 0
	measure(b, func() {
		buf = ok[[]byte](b)(m.AppendBytes(buf[:0], MessageID(i%1000+1), 0, 1<<30))
		i++
	})
	b.SetBytes(8 << 10)
}

func storeLarge(b *testing.B, m *Mail, size int) {
	box := newMailbox(b, m, "Large")
	rng := rand.New(rand.NewPCG(1, 2))
	body := make([]byte, 0, size+78)
	line := make([]byte, 57)
	for len(body) < size {
		for i := range line {
			line[i] = byte(rng.Uint32())
		}
		body = append(base64.StdEncoding.AppendEncode(body, line), "\r\n"...)
	}
	n := ok[*NewMessage](b)(NewBody([]byte("Subject: large\r\n\r\n"), body))
	commit(b, m, func(tx *Tx) { ok[Entry](b)(tx.Append(box, n)) })
}

func BenchmarkBytes16KOf4M(b *testing.B) {
	m := openTest(b)
	storeLarge(b, m, 4<<20)
	rng := rand.New(rand.NewPCG(1, 2))
	var buf []byte
	measure(b, func() {
		from := rng.Int64N(4<<20 - 16<<10)
		buf = ok[[]byte](b)(m.AppendBytes(buf[:0], 1, from, from+16<<10))
	})
}

func BenchmarkBytes4M(b *testing.B) {
	m := openTest(b)
	storeLarge(b, m, 4<<20)
	var buf []byte
	measure(b, func() {
		buf = ok[[]byte](b)(m.AppendBytes(buf[:0], 1, 0, 1<<30))
	})
	b.SetBytes(4 << 20)
}
