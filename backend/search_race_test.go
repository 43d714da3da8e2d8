package backend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"satchel/backend/message"
	"satchel/storage"
)

// numberedText is a message in which only its number says which words are in it.
func numberedText(n uint32) string {
	head, body := "Subject:", "\r\n"
	for d := uint32(2); d < 10; d++ {
		if n%d == 0 {
			head += fmt.Sprintf(" head%dend", d)
			body += fmt.Sprintf("body%dend, ", d)
		}
	}
	return head + "\r\n" + body + "\r\n"
}

// numberedQuery is a search for what numberedText has for a divisor.
func numberedQuery(rnd *rand.Rand) (q *Query, divisor uint32) {
	d := 2 + rnd.Uint32N(8)
	fold := func(format string) []byte { return message.Fold(nil, fmt.Appendf(nil, format, d)) }
	return []*Query{
		{Op: QueryBody, Needle: fold("ody%de")},
		{Op: QueryBody, Needle: fold("body%dend, ")},
		{Op: QueryText, Needle: fold("ad%den")},
		{Op: QueryHead, Head: message.Subject, Needle: fold("%de")},
		{Op: QueryHeader, Name: "subject", Needle: fold("head%d")},
		Not(Not(&Query{Op: QueryText, Needle: fold("body%dend")})),
	}[rnd.IntN(6)], d
}

// TestSearchConcurrently: searches are right while mail arrives and goes, and the index
// is made, merged, erased and rests.
func TestSearchConcurrently(t *testing.T) {
	a := unindexed(t)
	next := uint32(0)
	store := func() {
		next++
		if _, _, err := a.Append("INBOX", incoming(t, a, numberedText(next))); err != nil {
			t.Error(err)
		}
	}
	for range 100 {
		store()
	}
	done, arrived := make(chan struct{}), make(chan struct{}, 1)
	var others sync.WaitGroup
	for i := range uint64(3) {
		v, rnd := open(t, a, "INBOX", false), rand.New(rand.NewPCG(1, i))
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := searchNumbered(v, rnd); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	others.Go(func() {
		for range arrived {
			if _, err := a.indexSome(func() error { return a.texts.rest() }); err != nil {
				t.Error(err)
			}
		}
	})
	v := open(t, a, "INBOX", false)
	for n := range 150 {
		store()
		v.Pull(true)
		if _, err := v.Move(v.All().Slice(n, n+1), "Trash", false); err != nil {
			t.Error(err)
		}
		x, err := a.searchIndex()
		if err == nil && n%50 == 49 {
			err = x.Erase()
		}
		if err != nil {
			t.Error(err)
		}
		arrived <- struct{}{}
	}
	close(arrived)
	close(done)
	others.Wait()
}

// searchNumbered searches what the view has now.
func searchNumbered(v *View, rnd *rand.Rand) error {
	v.Pull(true)
	q, d := numberedQuery(rnd)
	var want []uint32
	for _, r := range v.Rows(v.All(), 0, int(v.Exists()), nil) {
		if uint32(r.UID)%d == 0 {
			want = append(want, uint32(r.UID))
		}
	}
	found, err := v.Search(context.Background(), q, SearchOptions{})
	if got := numbers(v, found.Selection, true); err == nil && !slices.Equal(got, want) {
		err = fmt.Errorf("%s: got %v, want %v", queryText(q), got, want)
	}
	return err
}

// TestSearchSharesReading: what one search has read of messages, another that is under
// way does not read: the messages are gone meanwhile, and it does not even notice.
func TestSearchSharesReading(t *testing.T) {
	a := unindexed(t)
	for n := range uint32(40) {
		if _, _, err := a.Append("INBOX", incoming(t, a, numberedText(n+1))); err != nil {
			t.Fatal(err)
		}
	}
	needle := message.Fold(nil, []byte("ody3en"))
	query := func() *Query { return Or(&Query{Op: QueryBody, Needle: needle}, &Query{Op: QueryText, Needle: needle}) }
	v, other := open(t, a, "INBOX", false), open(t, a, "INBOX", false)
	var first []uint32
	found, err := v.Search(context.Background(), query(), SearchOptions{Progress: func(int, int) error {
		if first != nil {
			return nil
		}
		found, err := other.Search(context.Background(), query(), SearchOptions{})
		if err != nil {
			return err
		}
		first = numbers(other, found.Selection, false)
		all := other.All()
		if _, err := other.Store(all, StoreRequest{Op: StoreAdd, Flags: FlagDeleted}); err != nil {
			return err
		}
		if err := other.Expunge(&all); err != nil {
			return err
		}
		later := time.Now().Add(time.Hour)
		ids, err := a.mail.Expired(a.backend.served.at(later), later, later, purgeBatch)
		if err != nil {
			return err
		}
		return a.write(&change{run: func(tx *storage.Tx) error {
			n, err := tx.Erase(ids)
			if err == nil && n != 40 {
				err = fmt.Errorf("%d are gone", n)
			}
			return err
		}})
	}})
	if got := numbers(v, found.Selection, false); err != nil || len(got) != 13 || !slices.Equal(got, first) {
		t.Errorf("found %v, the other %v, %v", got, first, err)
	}
}
