package backup

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"satchel/storage"
)

// The second run copies what is new, an account that has not changed costs nothing, and both runs come back.
func TestRuns(t *testing.T) {
	h := newHome(t, 1, "alice", "ben", "carol")
	box := inbox(t, h.mail)
	h.deliver(h.mail, box, 300)
	ben := h.openMail("ben")
	h.deliver(ben, inbox(t, ben), 5)
	must(t, ben.Close())
	first, wantFirst := h.back(), dump(t, h.mail)
	h.deliver(h.mail, box, 10)
	second, wantSecond := h.back(), dump(t, h.mail)
	third := h.back()
	if first.Added.Messages != 305 || second.Added.Messages != 10 || third.Added.Messages != 0 {
		t.Errorf("added %+v, %+v, %+v", first.Added, second.Added, third.Added)
	}
	if limit := first.Added.Bytes / 5; second.Added.Bytes > limit || third.Added.Bytes > 0 {
		t.Errorf("added %d bytes, then %d, then %d", first.Added.Bytes, second.Added.Bytes, third.Added.Bytes)
	}
	same(t, "first run", h.restored(first), wantFirst)
	same(t, "second run", h.restored(second), wantSecond)
	same(t, "third run", h.restored(third), wantSecond)
	if a := ok[*Account](t)(third.Account("carol")); a.Lineage != "" || len(a.State) > 0 {
		t.Errorf("an account that nobody has opened: %+v", a)
	}
	if a := ok[*Account](t)(third.Account("alice")); a.Messages != 310 {
		t.Errorf("%d messages", a.Messages)
	}
	h.verify()
}

// Mail that is noted and is missing or empty is trouble in the first run already.
func TestMailGone(t *testing.T) {
	h := newHome(t, 17, "alice", "ben", "carol")
	must(t, h.dir.SetHasMail(true, folderOf("ben"), folderOf("carol")))
	must(t, os.WriteFile(h.mailFile("carol"), nil, 0o600))
	if a := h.back().Accounts; a[0].Failed != "" || a[1].Failed == "" || a[2].Failed == "" {
		t.Errorf("%+v", a)
	}
}

// A mail.db that is being made just now is as none; one that has been emptied is trouble.
func TestEmptyMail(t *testing.T) {
	h := newHome(t, 8, "alice", "ben")
	must(t, os.WriteFile(h.mailFile("ben"), nil, 0o600))
	if run := h.back(); run.Accounts[1].Lineage != "" || run.Accounts[1].Failed != "" {
		t.Errorf("%+v", run.Accounts[1])
	}
	must(t, os.Remove(h.mailFile("ben")))
	must(t, h.openMail("ben").Close())
	h.back()
	must(t, os.WriteFile(h.mailFile("ben"), nil, 0o600))
	if run := h.back(); run.Accounts[1].Failed == "" || run.Accounts[0].Failed != "" {
		t.Errorf("%+v", run.Accounts)
	}
	must(t, os.Remove(h.mailFile("ben")))
	if run := h.back(); run.Accounts[1].Failed == "" {
		t.Errorf("%+v", run.Accounts)
	}
}

// Changes that touch no message are in the next run.
func TestStateOnly(t *testing.T) {
	h := newHome(t, 2, "alice")
	h.deliver(h.mail, inbox(t, h.mail), 50)
	h.back()
	change(t, h.mail, func(tx *storage.Tx) {
		must(t, tx.SetSubscribed("Nowhere", true))
		must(t, tx.Annotate(0, "/private/comment", []byte("a word")))
		x := ok[storage.Mailbox](t)(tx.CreateMailbox("Work", `\Archive`))
		must(t, tx.RenameMailbox(x.ID, "Arbeit"))
	})
	run, want := h.back(), dump(t, h.mail)
	same(t, "after", h.restored(run), want)
	if a := run.Accounts[0]; len(a.State) != 2 || run.Added.Messages != 0 {
		t.Errorf("state %v, added %+v", a.State, run.Added)
	}
}

// amid is a Watcher that does something when the messages to be copied have been counted.
type amid struct {
	silent
	do func()
}

func (a *amid) Account(string, int64) { a.do() }

// Messages that come while a run copies an account whose last ones have been erased are in a pack of their own.
func TestRunAfterErasure(t *testing.T) {
	h := newHome(t, 11, "alice")
	box := inbox(t, h.mail)
	h.deliver(h.mail, box, 20)
	h.back()
	change(t, h.mail, func(tx *storage.Tx) {
		var last []storage.Entry
		must(t, h.mail.Entries(box, func(e *storage.Entry) error { last = append(last, *e); return nil }))
		last = last[10:]
		ok[storage.ModSeq](t)(tx.Expunge(box, last))
		var ids []storage.MessageID
		for _, e := range last {
			ids = append(ids, e.Message)
		}
		ok[int](t)(tx.Erase(ids))
	})
	r := ok[*Repository](t)(Prepare(h.repo, h.data))
	run, err := r.Back(t.Context(), h.data, &amid{silent{t: t}, func() { h.deliver(h.mail, box, 5) }})
	must(t, err)
	l := ok[*lineage](t)(r.openLineage(run.Accounts[0].dir()))
	for i, p := range l.list.Packs {
		if i > 0 && p.First <= l.list.Packs[i-1].Last {
			t.Errorf("%s and %s have IDs in common", l.list.Packs[i-1].Name, p.Name)
		}
	}
	must(t, r.Close())
	same(t, "restored", h.restored(run), dump(t, h.mail))
}

// A mail.db that is exchanged under a run, as erasing does, is copied all the same.
func TestExchangedMail(t *testing.T) {
	h := newHome(t, 13, "alice")
	h.deliver(h.mail, inbox(t, h.mail), 20)
	must(t, h.mail.Checkpoint())
	want, times := dump(t, h.mail), 0
	exchange := func() {
		if times++; times > 2 {
			return
		}
		other := filepath.Join(h.data, "other.db")
		must(t, os.WriteFile(other, ok[[]byte](t)(os.ReadFile(h.mailFile("alice"))), 0o600))
		must(t, os.Rename(other, h.mailFile("alice")))
	}
	r := ok[*Repository](t)(Prepare(h.repo, h.data))
	run, err := r.Back(t.Context(), h.data, &amid{silent{t: t}, exchange})
	must(t, err)
	must(t, r.Close())
	if a := run.Accounts[0]; a.Failed != "" || a.Messages != 20 || times != 3 {
		t.Errorf("%+v after %d times", a, times)
	}
	same(t, "restored", h.restored(run), want)
}

// TestAdvance: later restores of a run give out other UIDs than earlier ones, and one before the run by the clock, which
// was wrong then or is now, begins folders anew.
func TestAdvance(t *testing.T) {
	run := &Run{Began: time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)}
	early, late := run.Advance(run.Began.Add(time.Minute)), run.Advance(run.Began.Add(time.Hour))
	if late.UIDs <= early.UIDs || late.ModSeqs <= early.ModSeqs || late.Messages <= early.Messages || early.NewUIDValidity || late.NewUIDValidity {
		t.Errorf("a minute later %+v, an hour later %+v", early, late)
	}
	for _, now := range []time.Time{time.Unix(7, 0), run.Began.Add(-time.Second)} {
		if a := run.Advance(now); !a.NewUIDValidity || a.Messages < 1<<20 {
			t.Errorf("at %v: %+v", now, a)
		}
	}
}
