package imapsync

import (
	"strings"
	"testing"
)

// gmail is an account at Gmail, in German: letter 1 is in five folders, 2 has been archived, 3 was sent, 4 is a draft, 5 has a
// label that is not shown in IMAP. UIDs are other ones in each folder.
func gmail() *oldServer {
	in := func(name, attrs string, validity int, list ...letter) *oldFolder {
		return &oldFolder{name: name, attrs: attrs, validity: validity, letters: list}
	}
	named := func(uid, id int, labels string) letter {
		l := letters(id)[0]
		l.uid, l.labels = uid, labels
		return l
	}
	return &oldServer{caps: "X-GM-EXT-1 CONDSTORE SPECIAL-USE LIST-EXTENDED NAMESPACE", folders: []*oldFolder{
		in("INBOX", `\HasNoChildren`, 1, named(7, 1, "")), in("[Gmail]", `\HasChildren \Noselect`, 0),
		in("[Gmail]/Alle Nachrichten", `\All \HasNoChildren`, 2, named(11, 1, `"\\Inbox" "\\Important" "\\Starred" "B&APw-ro" "B&APw-ro/Deep"`),
			named(12, 2, `"\\Important"`), named(13, 3, `"\\Sent"`), named(14, 4, `"\\Draft"`), named(15, 5, `Hidden "\\Muted"`)),
		in("[Gmail]/Entw&APw-rfe", `\Drafts \HasNoChildren`, 3, named(2, 4, "")), in("[Gmail]/Gesendet", `\HasNoChildren \Sent`, 4, named(3, 3, "")),
		in("[Gmail]/Markiert", `\Flagged \HasNoChildren`, 5, named(1, 1, "")), in("[Gmail]/Wichtig", `\HasNoChildren \Important`, 6, named(1, 1, ""), named(2, 2, "")),
		in("[Gmail]/Papierkorb", `\HasNoChildren \Trash`, 8), in("[Gmail]/Spam", `\HasNoChildren \Junk`, 9),
		in("B&APw-ro", `\HasChildren`, 10, named(1, 1, "")), in("B&APw-ro/Deep", `\HasNoChildren`, 11, named(1, 1, "")),
	}}
}

// TestGmail: of All Mail comes what is in no other folder; the views do not come.
func TestGmail(t *testing.T) {
	s, n := gmail(), newNewcomer(t)
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "[Gmail]/Alle Nachrichten -> Archive: 2 new, 0 already there", "[Gmail]/Gesendet -> Sent: 1 new, 0 already there",
		"[Gmail]/Entwürfe -> Drafts: 1 new, 0 already there", "Büro: 1 new, 0 already there", "Büro/Deep: 1 new, 0 already there",
		"[Gmail]/Markiert: not taken, its messages are in other folders too; --folder takes it all the same",
		"[Gmail]/Wichtig: not taken, its messages are in other folders too; --folder takes it all the same", "alice: 7 new, 0 already there")
	n.want("Archive", "12 0[] 2", "15 0[] 5")
	n.want("INBOX", "7 0[] 1")
	if err != nil {
		t.Error(err)
	}
	if out, err = n.run(s, t.Context()); err != nil || !strings.Contains(out, "alice: 0 new, 7 already there") {
		t.Errorf("once more: %v\n%s", err, out)
	}
}

// TestGmailHidden: where Gmail's own folder is not shown in IMAP, one whose name is usual for its use does not have its mail:
// what was sent comes into the archive.
func TestGmailHidden(t *testing.T) {
	s, n := gmail(), newNewcomer(t)
	for _, f := range s.folders {
		if strings.Contains(f.attrs, `\Sent`) {
			f.name, f.attrs, f.letters = "Sent Items", "", nil
		}
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "[Gmail]/Alle Nachrichten -> Archive: 3 new, 0 already there", "Sent Items -> Sent: 0 new, 0 already there")
	n.want("Archive", "12 0[] 2", "13 0[] 3", "15 0[] 5")
	if err != nil {
		t.Error(err)
	}
}

// TestGmailByName: a folder that is asked for by its name comes as it is, with brackets in its name.
func TestGmailByName(t *testing.T) {
	for _, pattern := range []string{"[Gmail]/Alle Nachrichten", "[Gmail]/Alle*"} {
		s, n := gmail(), newNewcomer(t)
		s.start(t)
		out, err := n.run(s, t.Context(), func(o *Options) { o.Folders = []string{pattern} })
		n.says(out, "[Gmail]/Alle Nachrichten: 5 new, 0 already there", "alice: 5 new, 0 already there")
		if err != nil {
			t.Error(err)
		}
	}
}

// TestNoSuchFolder: a name that no folder has is told.
func TestNoSuchFolder(t *testing.T) {
	s, n := gmail(), newNewcomer(t)
	s.start(t)
	out, err := n.run(s, t.Context(), func(o *Options) {
		o.Folders, o.Exclude = []string{"inbox", "B*", "[Gmail]/All Mail"}, []string{"Büro/Deep", "Spam"}
	})
	n.says(out, "the server has no folder [Gmail]/All Mail", "the server has no folder Spam", "alice: 2 new, 0 already there")
	if err != nil || strings.Count(out, "has no folder") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestGmailLimit: when what Gmail lets through in a day is used up, in whatever words and wherever, it is waited; the next run
// brings the rest once.
func TestGmailLimit(t *testing.T) {
	const words = "Account exceeded command or bandwidth limits. (Failure)"
	for _, x := range []struct {
		at, answer string
		hangUp     bool
	}{
		{"EXAMINE \"B", "TAG NO [OVERQUOTA] " + words + "\r\n", false}, {"UID FETCH 1", "* BYE " + words + "\r\n", true},
		{"UID FETCH 3 ", "* BYE [OVERQUOTA] " + words + "\r\n", true}, {"UID FETCH 12", "TAG NO " + words + "\r\n", false},
	} {
		s, n, used := gmail(), newNewcomer(t), false
		s.wrong = func(_ int, command string) (string, bool) {
			used = used || strings.HasPrefix(command, x.at)
			switch {
			case !used:
				return "", false
			case strings.HasPrefix(command, "LOGIN"):
				return "TAG NO [ALERT] " + words + "\r\n", false
			}
			return x.answer, x.hangUp
		}
		s.start(t)
		_, err := n.run(s, t.Context())
		if err == nil || !strings.HasSuffix(err.Error(), words) || len(n.pauses) != len(throttledPauses) {
			t.Errorf("%s: %v, paused %v", x.at, err, n.pauses)
		}
		s.wrong = nil
		if out, err := n.run(s, t.Context()); err != nil || !strings.Contains(out, " already there") {
			t.Errorf("%s: %v\n%s", x.at, err, out)
		}
		count := 0
		for _, name := range []string{"INBOX", "Archive", "Sent", "Drafts", "Büro", "Büro/Deep"} {
			count += len(n.folder(name))
		}
		if count != 7 {
			t.Errorf("%s: %d messages", x.at, count)
		}
	}
}

// TestLimitMidway: what came of a folder before a server had enough is counted, and keeps its UIDs with what comes the next day.
func TestLimitMidway(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1, 2, 3)}}}, newNewcomer(t)
	s.wrong = func(c int, command string) (string, bool) {
		switch {
		case c > 1:
			return "* BYE [OVERQUOTA] enough\r\n", true
		case strings.HasPrefix(command, "UID FETCH 1:3 "):
			return "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 3 BODY[] {3}\r\n\r\na)\r\n* BYE [OVERQUOTA] enough\r\n", true
		}
		return "", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "INBOX: 1 new, 0 already there", "alice: 1 new, 0 already there")
	if err == nil {
		t.Error("no error")
	}
	s.wrong = nil
	out, err = n.run(s, t.Context())
	n.says(out, "INBOX: 2 new, 1 already there")
	n.want("INBOX", "1 0[] a", "2 0[] 2", "3 0[] 3")
	if err != nil {
		t.Error(err)
	}
}

// TestShutOut: a server that refuses a login that it took before is not asked often, for it counts.
func TestShutOut(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1)}}}, newNewcomer(t)
	s.wrong = func(c int, command string) (string, bool) {
		if c > 1 && strings.HasPrefix(command, "LOGIN") {
			return "TAG NO [ALERT] Please log in via your web browser (Failure)\r\n", false
		}
		return "", c == 1 && strings.HasPrefix(command, "UID FETCH")
	}
	s.start(t)
	_, err := n.run(s, t.Context())
	if err == nil || !strings.HasSuffix(err.Error(), "log in: the server says: Please log in via your web browser (Failure)") || len(n.pauses) > 1+len(refusedPauses) {
		t.Errorf("%v, paused %v", err, n.pauses)
	}
}
