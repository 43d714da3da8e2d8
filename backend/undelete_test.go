package backend

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

// untold is a progress that nobody looks at.
func untold(int, int) error { return nil }

// agreed is a yes, whatever it is for.
func agreed(int) error { return nil }

// expungeAll expunges all messages of a mailbox.
func expungeAll(t testing.TB, a *Account, mailbox string) {
	t.Helper()
	v := open(t, a, mailbox, false)
	if _, err := v.Store(v.All(), StoreRequest{Op: StoreAdd, Flags: FlagDeleted}); err != nil {
		t.Fatal(err)
	}
	if err := v.Expunge(nil); err != nil {
		t.Fatal(err)
	}
	v.Pull(true)
}

// letters appends messages with these subjects.
func letters(t testing.TB, a *Account, mailbox string, subjects ...string) {
	t.Helper()
	for i, s := range subjects {
		in := incoming(t, a, fmt.Sprintf("From: Ben <ben@example.org>\r\nSubject: %s\r\nMessage-ID: <%s@x>\r\n\r\nabout %s\r\n", s, s, s))
		in.Flags, in.Keywords, in.Date = FlagSeen|FlagFlagged, []string{"$Work"}, time.Unix(int64(1_700_000_000+i), 0)
		if _, _, err := a.Append(mailbox, in); err != nil {
			t.Fatal(err)
		}
	}
}

// subjects lists expunged messages by their subjects.
func subjects(t testing.TB, a *Account, f ExpungedFilter, most int) (list []string, more bool) {
	t.Helper()
	p, err := a.Expunged(t.Context(), f, most)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range p.Messages {
		list = append(list, m.Subject)
	}
	return list, p.More
}

func undelete(t testing.TB, a *Account, f ExpungedFilter, into string) Undeleted {
	t.Helper()
	u, err := a.Undelete(t.Context(), f, into, untold)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestUndelete: messages come back as they were, and views see them at once.
func TestUndelete(t *testing.T) {
	_, a := testAccount(t)
	letters(t, a, "INBOX", "one", "two", "three")
	v := open(t, a, "INBOX", false)
	before := v.Rows(v.All(), 0, 3, nil)
	threads := make([]MessageID, 3)
	if err := v.Threads(before, threads); err != nil {
		t.Fatal(err)
	}
	expungeAll(t, a, "INBOX")
	v.Pull(true)
	p, err := a.Expunged(t.Context(), ExpungedFilter{}, 10)
	if err != nil || len(p.Messages) != 3 || p.More || p.Kept != 3 || p.Bytes != int64(before[0].Size+before[1].Size+before[2].Size) {
		t.Fatalf("%+v, %v", p, err)
	}
	m := p.Messages[2]
	want := ExpungedMessage{ID: before[0].Message, Expunged: m.Expunged, Mailbox: "INBOX", Date: time.Unix(1_700_000_000, 0),
		Size: int64(before[0].Size), Flags: FlagSeen | FlagFlagged, Keywords: []string{"$Work"}, From: "Ben", Subject: "one"}
	if !reflect.DeepEqual(m, want) || time.Since(m.Expunged) > time.Hour {
		t.Errorf("%+v, want %+v", m, want)
	}
	told := v.HighestModSeq()
	u := undelete(t, a, ExpungedFilter{}, "")
	if !reflect.DeepEqual(u, Undeleted{Into: []UndeletedInto{{Mailbox: "INBOX", Messages: 3}}}) {
		t.Errorf("%+v", u)
	}
	if c := v.Pull(true); !c.Arrived || c.Exists != 3 {
		t.Errorf("told %+v", c)
	}
	after, again := v.Rows(v.All(), 0, 3, nil), make([]MessageID, 3)
	if err := v.Threads(after, again); err != nil || !slices.Equal(again, threads) {
		t.Errorf("threads %v, were %v, %v", again, threads, err)
	}
	for i := range after {
		want := before[i]
		want.UID, want.ModSeq, want.Recent = UID(4+i), told+1, true
		if after[i].Recent = true; !reflect.DeepEqual(after[i], want) {
			t.Errorf("came back as %+v, want %+v", after[i], want)
		}
	}
	ids := []MessageID{before[1].Message, 99}
	if u := undelete(t, a, ExpungedFilter{IDs: ids}, ""); !reflect.DeepEqual(u, Undeleted{Present: ids[:1], Unknown: ids[1:]}) {
		t.Errorf("once more: %+v", u)
	}
}

// TestExpungedFilters: what is picked, in which order, and how many.
func TestExpungedFilters(t *testing.T) {
	_, a := testAccount(t)
	letters(t, a, "INBOX", "one", "two", "three")
	expungeAll(t, a, "INBOX")
	letters(t, a, "Trash", "four", "five")
	if v := open(t, a, "Trash", false); true {
		if _, err := v.Copy(v.All(), "INBOX", true); err != nil {
			t.Fatal(err)
		}
	}
	expungeAll(t, a, "Trash") // its messages live on in INBOX
	if list, _ := subjects(t, a, ExpungedFilter{}, 10); !slices.Equal(list, []string{"three", "two", "one"}) {
		t.Errorf("all: %q", list)
	}
	expungeAll(t, a, "INBOX")
	p, err := a.Expunged(t.Context(), ExpungedFilter{}, 10)
	if err != nil || len(p.Messages) != 5 {
		t.Fatalf("%+v, %v", p, err)
	}
	for _, c := range []struct {
		f    ExpungedFilter
		most int
		want []string
		more bool
	}{
		{ExpungedFilter{}, 3, []string{"five", "four", "three"}, true},
		{ExpungedFilter{Subject: "TWO"}, 10, []string{"two"}, false},
		{ExpungedFilter{Subject: "o", Mailbox: "inbox"}, 2, []string{"four", "two"}, true},
		{ExpungedFilter{Text: "about f", From: "example.ORG"}, 10, []string{"five", "four"}, false},
		{ExpungedFilter{Mailbox: "Trash"}, 10, nil, false},
		{ExpungedFilter{Since: time.Now().Add(time.Hour)}, 10, nil, false},
		{ExpungedFilter{IDs: []MessageID{p.Messages[4].ID, 99, p.Messages[0].ID, p.Messages[4].ID}}, 10, []string{"five", "one"}, false},
		{ExpungedFilter{IDs: []MessageID{}}, 10, nil, false},
	} {
		if list, more := subjects(t, a, c.f, c.most); !slices.Equal(list, c.want) || more != c.more {
			t.Errorf("%+v: %q, more %v; want %q", c.f, list, more, c.want)
		}
	}
}

// TestUndeleteDeletedMailbox: a mailbox comes back with what it was for.
func TestUndeleteDeletedMailbox(t *testing.T) {
	_, a := testAccount(t)
	letters(t, a, "Archive", "one", "two")
	if err := a.Create("Work/Old", ""); err != nil {
		t.Fatal(err)
	}
	letters(t, a, "Work/Old", "three")
	try(t, a.Rename("Work", "Job"), a.Delete("Archive"), a.Delete("Job/Old"), a.Delete("Job"))
	p, err := a.Expunged(t.Context(), ExpungedFilter{Mailbox: "Job/Old"}, 10)
	if err != nil || len(p.Messages) != 1 || !p.Messages[0].Gone || p.Messages[0].Cause != ByDeletion || p.Messages[0].Subject != "three" {
		t.Fatalf("%+v, %v", p, err)
	}
	w, _ := newWatch(t, a)
	u := undelete(t, a, ExpungedFilter{}, "")
	if !reflect.DeepEqual(u.Into, []UndeletedInto{{"Archive", true, 2}, {"Job/Old", true, 1}}) {
		t.Errorf("%+v", u)
	}
	for name, want := range map[string]MailboxInfo{
		"Archive": {Name: "Archive", SpecialUse: `\Archive`, Subscribed: true, Exists: true},
		"Job":     {Name: "Job", Exists: true, HasChildren: true},
		"Job/Old": {Name: "Job/Old", Exists: true},
	} {
		got := a.Info(name)
		if got.id = 0; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if n := len(w.Pull().Names); n != 3 {
		t.Errorf("%d names told", n)
	}
	// The rest of what was in it follows, whatever is there now.
	expungeAll(t, a, "Archive")
	try(t, a.Rename("Archive", "Past"))
	if u := undelete(t, a, ExpungedFilter{}, ""); !reflect.DeepEqual(u.Into, []UndeletedInto{{"Past", false, 2}}) {
		t.Errorf("%+v", u)
	}
	try(t, a.Delete("Past"), a.Create("Past", ""), a.Create("Attic", `\Archive`))
	if u := undelete(t, a, ExpungedFilter{IDs: []MessageID{1}}, ""); !reflect.DeepEqual(u.Into, []UndeletedInto{{"Past", false, 1}}) {
		t.Errorf("%+v", u)
	}
	if u := undelete(t, a, ExpungedFilter{}, "New/Box"); !reflect.DeepEqual(u.Into, []UndeletedInto{{"New/Box", true, 1}}) {
		t.Errorf("%+v", u)
	}
}

// TestUndeleteFullOfKeywords: keywords are left out where the mailbox takes no more.
func TestUndeleteFullOfKeywords(t *testing.T) {
	_, a := testAccount(t)
	letters(t, a, "INBOX", "one")
	expungeAll(t, a, "INBOX")
	in := incoming(t, a, "Subject: x\r\n\r\n")
	for i := range maxKeywords {
		in.Keywords = append(in.Keywords, fmt.Sprint("k", i))
	}
	if _, _, err := a.Append("Drafts", in); err != nil {
		t.Fatal(err)
	}
	if u := undelete(t, a, ExpungedFilter{}, "Drafts"); u.Stripped != 1 || u.Into[0].Messages != 1 {
		t.Errorf("%+v", u)
	}
}
