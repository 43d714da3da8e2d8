package backend

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestNewName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Work", "Work"},
		{"Work/", "Work"},
		{"inbox", "INBOX"},
		{"InBox/Sub", "INBOX/Sub"},
		{"Sub/inbox", "Sub/inbox"},
		{"Cafe\u0301", "Caf\u00e9"},
		{"", ""}, {"/", ""}, {"/a", ""}, {"a//b", ""}, {"a\x00b", ""}, {"a\u0085b", ""}, {"a\u2028b", ""}, {"a\u2029b", ""}, {"\ufeffa", ""}, {"a\xffb", ""},
		{strings.Repeat("x", 256), ""},
		{strings.Repeat("x/", 50) + "x", ""},
		{strings.Repeat(strings.Repeat("x", 250)+"/", 4) + "x", ""},
	} {
		got, err := newName(c.name)
		if got != c.want || (err != nil) != (c.want == "") || err != nil && !errors.Is(err, ErrInvalidName) {
			t.Errorf("newName(%.40q) = %q, %v; want %q", c.name, got, err, c.want)
		}
		if want := c.want != "" && c.name != "Work/"; IsPossibleName(c.name) != want {
			t.Errorf("IsPossibleName(%.40q) is not %v", c.name, want)
		}
	}
}

// tree lists an account's names: "+" subscribed, "?" no mailbox, "/" children.
func tree(a *Account) []string {
	var l []string
	for _, i := range a.List() {
		s := i.Name
		if i.HasChildren {
			s += "/"
		}
		if i.Subscribed {
			s += "+"
		}
		if !i.Exists {
			s += "?"
		}
		if !slices.ContainsFunc(standardMailboxes, func(m struct{ name, use string }) bool { return m.name+"+" == s }) {
			l = append(l, s)
		}
	}
	return l
}

func TestFolders(t *testing.T) {
	_, a := testAccount(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fails := func(err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Fatalf("got %v, want %v", err, want)
		}
	}
	shows := func(want ...string) {
		t.Helper()
		if got := tree(a); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	must(a.Create("a/b/c/", ""))
	shows("a/", "a/b/", "a/b/c")
	fails(a.Create("a/b", ""), ErrExists)
	fails(a.Create("inBOX", ""), ErrExists)
	must(a.Subscribe("a/b/c", true))
	must(a.Subscribe("missing", true))
	shows("a/", "a/b/", "a/b/c+", "missing+?")

	must(a.Rename("a/b", "x/y"))
	shows("a", "missing+?", "x/", "x/y/", "x/y/c+")
	fails(a.Rename("x", "x/y/z"), ErrCannot)
	fails(a.Rename("x", "a"), ErrExists)
	fails(a.Rename("nothing", "b"), ErrNotFound)

	must(a.Delete("x/y"))
	shows("a", "missing+?", "x/", "x/y/?", "x/y/c+")
	fails(a.Delete("x/y"), ErrHasChildren)
	must(a.Rename("x/y", "a/y"))
	shows("a/", "a/y/?", "a/y/c+", "missing+?", "x")
	must(a.Delete("a/y/c"))
	must(a.Delete("a"))
	must(a.Delete("x"))
	must(a.Subscribe("missing", false))
	shows()
	fails(a.Delete("Inbox"), ErrCannot)
	fails(a.Delete("a"), ErrNotFound)
}

func TestRenameInboxLeavesItEmpty(t *testing.T) {
	_, a := testAccount(t)
	if _, _, err := a.Append("INBOX", incoming(t, a, "A: b\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	before, _ := a.Status("INBOX")
	if err := a.Rename("INBOX", "old/inbox"); err != nil {
		t.Fatal(err)
	}
	inbox, err := a.Status("INBOX")
	if err != nil || inbox.Messages != 0 || inbox.UIDNext != before.UIDNext || inbox.UIDValidity != before.UIDValidity {
		t.Errorf("INBOX is %+v (%v) after the rename, was %+v", inbox, err, before)
	}
	old, err := a.Status("old/inbox")
	if err != nil || old.Messages != 1 || old.Unseen != 1 || old.UIDValidity == before.UIDValidity {
		t.Errorf("old/inbox is %+v (%v)", old, err)
	}
}

func TestStateSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	var lists [2][]MailboxInfo
	var states [2]Status
	for i := range 2 {
		b, err := Open(Config{Data: dir})
		if err != nil {
			t.Fatal(err)
		}
		a, err := b.Account("test", "test")
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if err := a.Create("a/b", `\Flagged`); err != nil {
				t.Fatal(err)
			}
			if err := a.Rename("a", "c"); err != nil {
				t.Fatal(err)
			}
			if _, _, err := a.Append("c/b", incoming(t, a, "x"), incoming(t, a, "")); err != nil {
				t.Fatal(err)
			}
			v, err := a.Open("c/b", false, func() {})
			if err != nil {
				t.Fatal(err)
			}
			if v.Recent() != 2 {
				t.Errorf("%d are recent, want 2", v.Recent())
			}
			if _, err := v.Store(v.All(), StoreRequest{Op: StoreAdd, Flags: FlagSeen, Keywords: []string{"key"}}); err != nil {
				t.Fatal(err)
			}
			v.Close()
		}
		lists[i] = a.List()
		if states[i], err = a.Status("c/b"); err != nil {
			t.Fatal(err)
		}
		a.Release()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(lists[0], lists[1]) || states[0] != states[1] {
		t.Errorf("before:\n%v %+v\nafter:\n%v %+v", lists[0], states[0], lists[1], states[1])
	}
}
