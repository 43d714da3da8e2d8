package backup

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"satchel/storage"
)

// step does one random thing to an account's mail.
func (h *home) step(m *storage.Mail) {
	boxes, _, err := m.Mailboxes()
	must(h.t, err)
	box := boxes[h.rng.IntN(len(boxes))]
	var all, some []storage.Entry
	must(h.t, m.Entries(box.ID, func(e *storage.Entry) error { all = append(all, *e); return nil }))
	if len(all) > 0 {
		from := h.rng.IntN(len(all))
		some = all[from : from+h.rng.IntN(min(len(all)-from, 10)+1)]
	}
	other := boxes[h.rng.IntN(len(boxes))]
	switch k := h.rng.IntN(20); {
	case k < 8:
		h.deliver(m, box.ID, 1+h.rng.IntN(5))
	default:
		later := time.Now().Add(time.Hour)
		expired := ok[[]storage.MessageID](h.t)(m.Expired(math.MaxInt64, later, later, 5))
		change(h.t, m, func(tx *storage.Tx) { h.alter(tx, k, box, other, some, expired) })
	}
}

func (h *home) alter(tx *storage.Tx, k int, box, other storage.Mailbox, some []storage.Entry, expired []storage.MessageID) {
	switch {
	case k == 8:
		ok[storage.Mailbox](h.t)(tx.CreateMailbox(fmt.Sprint("box ", h.rng.Uint64()), ""))
	case k == 9 && box.Name != "INBOX":
		must(h.t, tx.DeleteMailbox(box.ID))
	case k == 10 && box.Name != "INBOX":
		must(h.t, tx.RenameMailbox(box.ID, fmt.Sprint("new ", h.rng.Uint64())))
	case k == 11:
		must(h.t, tx.SetSubscribed(fmt.Sprint("name ", h.rng.IntN(3)), h.rng.IntN(2) == 0))
	case k == 12:
		must(h.t, tx.Annotate(box.ID, "/private/comment", []byte(fmt.Sprint(h.rng.Uint64()))))
	case k < 15:
		ok[storage.ModSeq](h.t)(tx.Expunge(box.ID, some))
	case k == 15:
		ok[int](h.t)(tx.Erase(expired))
	case k == 16 && box.ID != other.ID:
		_, _, err := tx.Move(box.ID, other.ID, some)
		must(h.t, err)
	case k == 17:
		ok[[]storage.Entry](h.t)(tx.Copy(other.ID, some))
	case len(some) > 0:
		c := storage.FlagChange{Set: storage.FlagSeen}
		for _, e := range some {
			c.UIDs = append(c.UIDs, storage.Range{First: e.UID, Last: e.UID})
			c.Unseen -= int(^e.Flags & storage.FlagSeen)
		}
		ok[storage.ModSeq](h.t)(tx.SetFlags(box.ID, []storage.FlagChange{c}))
	}
}

// TestModel makes runs between random changes, and some while changes go on: each run that is kept comes back as the mail
// was, those under changes as it was at some moment of the run. Now and then runs are pruned, or one is interrupted.
func TestModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	h := newHome(t, seed, "alice")
	rounds := 25
	if testing.Short() {
		rounds = 10
	}
	want := map[int][]string{} // what a run may have
	for round := range rounds {
		for range h.rng.IntN(12) {
			h.step(h.mail)
		}
		if h.rng.IntN(5) == 0 {
			h.interrupted(want)
		}
		if h.rng.IntN(3) > 0 {
			run := h.back()
			want[run.Number] = []string{dump(t, h.mail)}
		} else {
			run, seen := h.backUnderChanges()
			want[run.Number] = seen
		}
		if round%7 == 6 {
			h.pruned(want)
		}
	}
	r := ok[*Repository](t)(Open(h.repo, false))
	defer r.Close()
	runs, _, err := r.Runs()
	must(t, err)
	for _, run := range runs {
		if got := h.restored(run); !slices.Contains(want[run.Number], got) {
			same(t, fmt.Sprintf("run %d", run.Number), got, want[run.Number][0])
		}
	}
	if len(runs) != len(want) {
		t.Errorf("%d runs, want %d", len(runs), len(want))
	}
	h.verify()
}

// backUnderChanges makes a run while mail changes, and returns what the mail was at each moment.
func (h *home) backUnderChanges() (*Run, []string) {
	seen := []string{dump(h.t, h.mail)}
	done, changed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(changed)
		for {
			select {
			case <-done:
				return
			default:
				h.step(h.mail)
				seen = append(seen, dump(h.t, h.mail))
			}
		}
	}()
	run, warned := h.backWarned()
	close(done)
	<-changed
	if len(warned) > 0 {
		h.t.Errorf("warned: %q", warned)
	}
	return run, seen
}

// interrupted begins a run that does not come to its end, unless it was over before it could be stopped.
func (h *home) interrupted(want map[int][]string) {
	h.t.Helper()
	r := ok[*Repository](h.t)(Prepare(h.repo, h.data))
	defer r.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if run, err := r.Back(ctx, h.data, &stopping{silent{t: h.t}, cancel}); err == nil {
		want[run.Number] = []string{dump(h.t, h.mail)}
	}
}

// stopping ends a run at the first message.
type stopping struct {
	silent
	cancel func()
}

func (s *stopping) Copied(storage.PackCount) { s.cancel() }

// pruned keeps the last few runs.
func (h *home) pruned(want map[int][]string) {
	h.t.Helper()
	r := ok[*Repository](h.t)(Open(h.repo, true))
	defer r.Close()
	ok[Pruned](h.t)(r.Prune(context.Background(), Keep{Last: 3}, h.rng.IntN(2) == 0))
	kept := ok[[]int](h.t)(r.numbers())
	for number := range want {
		if !slices.Contains(kept, number) {
			delete(want, number)
		}
	}
}
