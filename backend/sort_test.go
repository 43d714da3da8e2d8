package backend

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"satchel/backend/message"
	"satchel/storage"
)

// sortMail is a random message with what its keys should be.
type sortMail struct {
	header string
	date   int64
	size   int
}

func randomSortMail(rng *rand.Rand) sortMail {
	word := func() string { return strings.Repeat(string(rune('a'+rng.IntN(4))), rng.IntN(10)) }
	header := ""
	for _, f := range []string{"Subject: ", "From: ", "To: ", "Cc: "} {
		if rng.IntN(5) > 0 {
			header += f + word() + " " + word() + " <" + word() + "@" + word() + ">\r\n"
		}
	}
	if rng.IntN(3) > 0 {
		header += fmt.Sprintf("Date: %d Jan 1970 00:00:00 +0000\r\n", 1+rng.IntN(9))
	}
	return sortMail{header + "\r\n", int64(rng.IntN(10)) * 86400, len(header) + 2}
}

// value is what a criterion compares, as the model has it.
func (m *sortMail) value(key SortKey) string {
	keys := message.HeaderSortKeys([]byte(m.header))
	number := func(n int64) string { return fmt.Sprintf("%020d", n) }
	switch key {
	case SortArrival:
		return number(m.date)
	case SortSize:
		return number(int64(m.size))
	case SortDate:
		if sent, ok := keys.Sent(); ok {
			return number(sent)
		}
		return number(m.date)
	case SortRelevancy:
		return ""
	}
	return string(keys.Text(sortTexts[key]))
}

// modelSort sorts by comparing two messages at a time.
func modelSort(mails map[UID]*sortMail, v *View, by []SortBy) []uint32 {
	var seqs []uint32
	for i := range v.uids {
		seqs = append(seqs, uint32(i+1))
	}
	slices.SortStableFunc(seqs, func(a, b uint32) int {
		for _, c := range by {
			order := cmp.Compare(mails[v.UID(a)].value(c.Key), mails[v.UID(b)].value(c.Key))
			if c.Reverse {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
	return seqs
}

func randomCriteria(rng *rand.Rand) []SortBy {
	by := make([]SortBy, 1+rng.IntN(3))
	for i := range by {
		by[i] = SortBy{SortKey(rng.IntN(int(SortRelevancy) + 1)), rng.IntN(2) == 0}
	}
	return by
}

// Sorting follows what happens to a mailbox: arrivals, expunges told and untold,
// messages whose keys were lost, a cache that was dropped.
func TestSortAgainstModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	_, a := testAccount(t)
	views := []*View{open(t, a, "INBOX", false), open(t, a, "INBOX", false)}
	mails := map[UID]*sortMail{}
	for step := range 400 {
		v := views[rng.IntN(len(views))]
		switch rng.IntN(8) {
		case 0, 1:
			m := randomSortMail(rng)
			in := incoming(t, a, m.header)
			in.Date = time.Unix(m.date, 0)
			_, uids, err := a.Append("INBOX", in)
			if err != nil {
				t.Fatal(err)
			}
			mails[uids[0]] = &m
		case 2:
			if n := v.Exists(); n > 5 && rng.IntN(2) == 0 {
				expungeOne(t, v, 1+rng.Uint32N(n))
			}
		case 3:
			v.Pull(rng.IntN(2) == 0)
		case 4:
			loseKeys(t, a, MessageID(1+rng.IntN(1+len(mails))))
			v.mailbox.sortKeys().reset()
		default:
			by := randomCriteria(rng)
			got, err := v.Sort(context.Background(), v.All(), by)
			if want := modelSort(mails, v, by); err != nil || !slices.Equal(got, want) {
				t.Fatalf("seed %d, step %d, %v: got %v, %v, want %v", seed, step, by, got, err, want)
			}
		}
	}
}

func expungeOne(t *testing.T, v *View, seq uint32) {
	t.Helper()
	if _, err := v.Store(v.seqs(t, seq), StoreRequest{Op: StoreAdd, Flags: FlagDeleted}); err != nil {
		t.Fatal(err)
	}
	if err := v.Expunge(nil); err != nil {
		t.Fatal(err)
	}
}

// loseKeys makes a message one of before there were keys.
func loseKeys(t *testing.T, a *Account, id MessageID) {
	t.Helper()
	err := a.write(&change{run: func(tx *storage.Tx) error { return tx.SetSortKeys(id, []byte("old")) }})
	if err != nil {
		t.Fatal(err)
	}
}

// Keys that had to be made are kept.
func TestSortKeepsKeys(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 3)
	if err := a.mail.Checkpoint(); err != nil {
		t.Fatal(err)
	}
	loseKeys(t, a, 2)
	v := open(t, a, "INBOX", false)
	if _, err := v.Sort(context.Background(), v.All(), []SortBy{{Key: SortSubject}}); err != nil {
		t.Fatal(err)
	}
	k, err := a.mail.SortKey(2)
	if err != nil || string(message.SortKeys(k).Text(message.SortSubject)) != "X" {
		t.Errorf("kept %q, %v", k, err)
	}
}

// A server that stops does not wait for a sort.
func TestSortStops(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 1)
	v := open(t, a, "INBOX", false)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.Sort(ctx, v.All(), []SortBy{{Key: SortSubject}}); err == nil {
		t.Error("no error")
	}
}

// sortBenchmark is a mailbox of n messages like a mailing list's, opened.
func sortBenchmark(b *testing.B, n int) *View {
	_, a := testAccount(b)
	rng := rand.New(rand.NewPCG(1, 2))
	var batch Batch
	for i := range n {
		text := fmt.Sprintf("Date: %d Jan 2026 %02d:%02d:00 +0100\r\nFrom: Person %d <person%d@example.org>\r\n"+
			"To: list@example.org\r\nSubject: Re: topic %d of the list\r\nMessage-ID: <%d@example.org>\r\n"+
			"References: <%d@example.org> <%d@example.org>\r\n\r\ntext\r\n", 1+rng.IntN(28), rng.IntN(24), rng.IntN(60),
			rng.IntN(n/8), rng.IntN(n/8), rng.IntN(n/3), i, rng.IntN(i+1), rng.IntN(i+1))
		batch.Add(incoming(b, a, text))
	}
	if _, err := a.AppendBatch("INBOX", &batch); err != nil {
		b.Fatal(err)
	}
	v := open(b, a, "INBOX", true)
	if err := a.mail.Checkpoint(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return v
}

func benchmarkSort(b *testing.B, first bool, by ...SortBy) {
	v := sortBenchmark(b, 20_000)
	for b.Loop() {
		if first {
			v.mailbox.sortKeys().reset()
		}
		if _, err := v.Sort(context.Background(), v.All(), by); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSortDateFirst(b *testing.B)    { benchmarkSort(b, true, SortBy{Key: SortDate}) }
func BenchmarkSortDate(b *testing.B)         { benchmarkSort(b, false, SortBy{Key: SortDate}) }
func BenchmarkSortSubjectFirst(b *testing.B) { benchmarkSort(b, true, SortBy{Key: SortSubject}) }
func BenchmarkSortSubject(b *testing.B)      { benchmarkSort(b, false, SortBy{Key: SortSubject}) }
func BenchmarkSortFromDate(b *testing.B) {
	benchmarkSort(b, false, SortBy{Key: SortFrom}, SortBy{Key: SortDate})
}

func benchmarkThread(b *testing.B, first bool, by ThreadAlgorithm) {
	v := sortBenchmark(b, 20_000)
	for b.Loop() {
		if first {
			v.mailbox.sortKeys().reset()
		}
		if _, err := v.Thread(context.Background(), v.All(), by); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkThreadReferencesFirst(b *testing.B) { benchmarkThread(b, true, ThreadReferences) }
func BenchmarkThreadReferences(b *testing.B)      { benchmarkThread(b, false, ThreadReferences) }
