package backend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"satchel/backend/message"
)

// text writes threads as THREAD does, with a recursion of its own.
func (t *Threads) text(node int32, more bool) string {
	var b strings.Builder
	for ; more; node, more = t.Next(node) {
		b.WriteByte('(')
		at := node
		for {
			if seq := t.Seq(at); seq != 0 {
				fmt.Fprint(&b, seq)
			}
			child, ok := t.Child(at)
			if !ok {
				break
			}
			if t.Seq(at) != 0 {
				b.WriteByte(' ')
			}
			if _, several := t.Next(child); several {
				b.WriteString(t.text(child, true))
				break
			}
			at = child
		}
		b.WriteByte(')')
	}
	return b.String()
}

// cacheOf makes a cache of messages without a mailbox.
func cacheOf(mails []threadMail) (*sortCache, *View) {
	c, v := &sortCache{}, &View{}
	var keys []message.SortKeys
	for i, m := range mails {
		subject := m.subject
		if m.reply {
			subject = "Re: " + subject
		}
		header := fmt.Sprintf("Subject: %s\r\nMessage-ID: <%s@x>\r\nReferences:", subject, m.id)
		for _, r := range m.refs {
			header += " <" + r + "@x>"
		}
		keys = append(keys, message.HeaderSortKeys([]byte(header+"\r\n\r\n")))
		v.uids = append(v.uids, UID(i+1))
		c.dates = append(c.dates, int64(m.date))
	}
	c.uids, c.sizes = v.uids, make([]uint32, len(mails))
	all := needs(1<<SortDate | 1<<SortArrival | 1<<SortSubject | threadNeed)
	c.take(all, 0, len(mails), keys)
	c.rank(all)
	return c, v
}

func randomMails(rng *rand.Rand) []threadMail {
	mails := make([]threadMail, rng.IntN(12))
	names := 1 + rng.IntN(12)
	for i := range mails {
		m := &mails[i]
		m.date, m.reply = rng.IntN(6), rng.IntN(2) == 0
		if rng.IntN(4) > 0 {
			m.subject = string(rune('a' + rng.IntN(1+rng.IntN(8))))
		}
		if rng.IntN(8) > 0 {
			m.id = fmt.Sprint(rng.IntN(names))
		}
		for range rng.IntN(4) {
			m.refs = append(m.refs, fmt.Sprint(rng.IntN(names)))
		}
	}
	return mails
}

// The algorithms give what RFC 5256, read word by word, gives: with loops, doubles,
// dummies and subjects to merge.
func TestThreadsAgainstModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 5000 {
		mails := randomMails(rng)
		for by := ThreadOrderedSubject; by <= ThreadRefs; by++ {
			c, v := cacheOf(mails)
			threads := c.threaded(v, v.All(), by)
			root, ok := threads.Root()
			if got, want := threads.text(root, ok), modelThreads(mails, by); got != want {
				t.Fatalf("seed %d, algorithm %d\n%+v\ngot  %s\nwant %s", seed, by, mails, got, want)
			}
		}
	}
}

// shape is a thread of 100,000 messages made to be dear.
type shape struct {
	name string
	refs func(i, n int) []string
}

var deepShapes = []shape{
	{"chain", func(i, n int) []string { return []string{fmt.Sprint(i - 1)} }},
	{"backwards", func(i, n int) []string { return []string{fmt.Sprint(i + 1)} }},
	{"chain of dummies", func(i, n int) []string { return []string{"d" + fmt.Sprint(i), "d" + fmt.Sprint(i+1)} }},
	{"loop", func(i, n int) []string { return []string{fmt.Sprint((i + 1) % n), fmt.Sprint((i + n - 1) % n)} }},
	// The second half are in the tree already, below a deep chain, and move to its end.
	{"climbers", func(i, n int) []string {
		if i < n/2 {
			return []string{fmt.Sprint(i - 1)}
		}
		return []string{fmt.Sprint(i + 1), fmt.Sprint(n/2 - 1)}
	}},
	{"feigned parents", func(i, n int) []string {
		if i < n/2 {
			return []string{fmt.Sprint(i - 1), fmt.Sprint(i - 1)}
		}
		return []string{fmt.Sprint(n/2 - 2 - i%2), fmt.Sprint(n/2 - 1), fmt.Sprint(i + 1), fmt.Sprint(n/2 - 1)}
	}},
	{"one parent", func(i, n int) []string { return []string{"0"} }},
}

// Neither deep nor twisted threads take more than their share of time, nor stack.
func TestDeepThreads(t *testing.T) {
	const n = 100_000
	for _, s := range deepShapes {
		t.Run(s.name, func(t *testing.T) {
			mails := make([]threadMail, n)
			for i := range mails {
				mails[i] = threadMail{id: fmt.Sprint(i), refs: s.refs(i, n), date: i, subject: "x"}
			}
			for by := ThreadOrderedSubject; by <= ThreadRefs; by++ {
				c, v := cacheOf(mails)
				start := time.Now()
				threads := c.threaded(v, v.All(), by)
				if took := time.Since(start); took > 10*time.Second {
					t.Errorf("algorithm %d took %v", by, took)
				}
				if len(threads.seqs) != n || !slices.Contains(threads.seqs, n) {
					t.Errorf("algorithm %d lost messages", by)
				}
			}
		})
	}
}

// Threads of a mailbox follow its changes.
func TestThreadView(t *testing.T) {
	_, a := testAccount(t)
	add := func(id, refs, subject string) {
		text := fmt.Sprintf("Message-ID: <%s@x>\r\nReferences: %s\r\nSubject: %s\r\n\r\n", id, refs, subject)
		if _, _, err := a.Append("INBOX", incoming(t, a, text)); err != nil {
			t.Fatal(err)
		}
	}
	add("1", "", "a")
	add("2", "<1@x>", "b")
	v, other := open(t, a, "INBOX", false), open(t, a, "INBOX", false)
	expect := func(v *View, by ThreadAlgorithm, want string) {
		t.Helper()
		threads, err := v.Thread(context.Background(), v.All(), by)
		if err != nil {
			t.Fatal(err)
		}
		root, ok := threads.Root()
		if got := threads.text(root, ok); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	expect(v, ThreadReferences, "(1 2)")
	add("3", "<1@x> <2@x>", "b")
	v.Pull(true)
	expect(v, ThreadReferences, "(1 2 3)")
	expect(v, ThreadOrderedSubject, "(1)(2 3)")
	if _, err := v.Store(v.seqs(t, 2), StoreRequest{Op: StoreAdd, Flags: FlagDeleted}); err != nil {
		t.Fatal(err)
	}
	if err := v.Expunge(nil); err != nil {
		t.Fatal(err)
	}
	v.Pull(true)
	expect(v, ThreadReferences, "(1 2)")
	expect(other, ThreadReferences, "(1 2)")
	other.Pull(false)
	expect(other, ThreadReferences, "(1 2 3)")
	other.Pull(true)
	expect(other, ThreadRefs, "(1 2)")
}

func (v *View) seqs(t *testing.T, seqs ...uint32) Selection {
	t.Helper()
	var set []Range
	for _, seq := range seqs {
		set = append(set, Range{seq, seq})
	}
	s, err := v.Resolve(set, false)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
