package imapsync

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"satchel/server/control"
)

// search answers what a server is asked before something is taken as gone.
func search(command, uids string) string {
	if command != "UID SEARCH ALL" {
		return ""
	}
	return "* SEARCH " + uids + "\r\nTAG OK\r\n"
}

// TestWithheld: a message that the server has and does not send, though it says that all is well, is named; one that has
// gone meanwhile is not. Exchange does so with messages that it cannot convert.
func TestWithheld(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, letters: letters(1, 2, 3)}
	s, n := &oldServer{folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		if !strings.Contains(command, "BODY.PEEK[]") {
			return search(command, "2 1"), false
		}
		inbox.letters = inbox.letters[:2]
		return "* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\n\r\na)\r\nTAG OK FETCH completed.\r\n", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "INBOX: 1 new, 0 already there", "left out: INBOX UID 2: the server has it and does not send it")
	if done := n.plan.Outcome(); err != nil || len(done.Bad) != 1 {
		t.Errorf("%v, %+v", err, done.Bad)
	}
	s.wrong = nil
	if out, err = n.run(s, t.Context()); err != nil || len(n.plan.Outcome().Bad) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	n.want("INBOX", "1 0[] a", "100004 0[] 2")
}

// TestEmptied: a text of no bytes, where the server says that the message has some, is none.
func TestEmptied(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, letters: letters(1, 2)}
	inbox.letters[1].text = ""
	s, n := &oldServer{folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		if !strings.HasPrefix(command, "UID FETCH 1:2") {
			return "", false
		}
		return "* 1 FETCH (BODY[] {0}\r\n UID 1 FLAGS () RFC822.SIZE 34)\r\n* 2 FETCH (UID 2 FLAGS () RFC822.SIZE 0 BODY[] {0}\r\n)\r\nTAG OK\r\n", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "INBOX: 1 new, 0 already there", "left out: INBOX UID 1: the server has no text for it")
	n.want("INBOX", "2 0[]")
	if err != nil {
		t.Error(err)
	}
}

// TestFlagsLater: flags that do not come with the text come the next time.
func TestFlagsLater(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, modseq: 10, letters: letters(1)}
	inbox.letters[0].flags = `\Seen`
	s, n := &oldServer{caps: "CONDSTORE", folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		if strings.HasPrefix(command, "UID FETCH 1 ") {
			return "* 1 FETCH (UID 1 BODY[] {3}\r\n\r\na)\r\nTAG OK\r\n", false
		}
		return "", false
	}
	s.start(t)
	for _, want := range []string{"1 0[] a", "1 1[] a"} {
		if out, err := n.run(s, t.Context()); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		n.want("INBOX", want)
	}
}

// TestNoDate: a message whose INTERNALDATE is none has arrived when it was sent.
func TestNoDate(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1)}}}, newNewcomer(t)
	text := "Date: Sat, 3 Feb 2024 12:30:05 +0000\r\n\r\n"
	s.wrong = func(_ int, command string) (string, bool) {
		if !strings.HasPrefix(command, "UID FETCH 1 ") {
			return "", false
		}
		return fmt.Sprintf("* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"00-Jan-0000 00:00:00 +0000\" BODY[] {%d}\r\n%s)\r\nTAG OK\r\n", len(text), text), false
	}
	s.start(t)
	if out, err := n.run(s, t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	n.admin(func(a control.Admin) error {
		return a.Export("alice", "INBOX", func(m *control.Message, _ io.Reader) error {
			if want := time.Date(2024, 2, 3, 12, 30, 5, 0, time.UTC); !m.Date.Equal(want) {
				t.Errorf("arrived on %v, want %v", m.Date, want)
			}
			return nil
		})
	})
}

// TestSameName: folders that would have one name here are two, whatever UIDVALIDITY they have.
func TestSameName(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1)}, {name: "INBOX/INBOX", validity: 1, letters: letters(1)}}}, newNewcomer(t)
	s.folders[1].letters[0].text = "\r\nother"
	s.start(t)
	for _, want := range []string{"alice: 2 new, 0 already there", "alice: 0 new, 2 already there"} {
		out, err := n.run(s, t.Context())
		n.says(out, want)
		if err != nil {
			t.Error(err)
		}
	}
	n.want("INBOX", "1 0[] 1")
	n.want("INBOX_", "1 0[] other")
}

// TestBadFolders: a folder that cannot be opened, whatever the server does about it, is named; all others come.
func TestBadFolders(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "A\r\nB", validity: 2}, {name: "Anew"}, {name: "Crash", validity: 3},
		{name: "INBOX", validity: 1, letters: letters(1)}, {name: "Poison", validity: 4, letters: letters(1)}, {name: "Rest", validity: 5, letters: letters(1)}}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		return "", strings.HasPrefix(command, `EXAMINE "Crash"`)
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "left out: A  B: the folder cannot be read: its name cannot be said", "left out: Anew: the folder cannot be read: the server gives it no UIDVALIDITY",
		"left out: Crash: the server closed the connection", "alice: 3 new, 0 already there")
	if done := n.plan.Outcome(); err != nil || len(done.Bad) != 3 || len(n.pauses) != len(lostPauses) {
		t.Errorf("%v, paused %v, %+v", err, n.pauses, done.Bad)
	}
}

// TestOftenLost: a server that closes each connection after some commands is one that mail comes from all the same.
func TestOftenLost(t *testing.T) {
	s, n := &oldServer{}, newNewcomer(t)
	for i := range 40 {
		s.folders = append(s.folders, &oldFolder{name: fmt.Sprint("F", i), validity: i + 1, letters: letters(1)})
	}
	commands, conn := 0, 0
	s.wrong = func(c int, _ string) (string, bool) {
		if c != conn {
			conn, commands = c, 0
		}
		commands++
		return "", commands > 9
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "alice: 40 new, 0 already there")
	if longest := slices.Max(append(n.pauses, 0)); err != nil || longest != time.Second {
		t.Errorf("%v, paused %v", err, n.pauses)
	}
}

// TestSizeless: a server that cannot say how large each message is, for it cannot read one, is asked for less, and only
// that message is missing.
func TestSizeless(t *testing.T) {
	for _, hangUp := range []bool{false, true} {
		t.Run(fmt.Sprint(hangUp), func(t *testing.T) {
			s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1, 2, 3)}}}, newNewcomer(t)
			s.wrong = func(_ int, command string) (string, bool) {
				fails := command == "UID FETCH 1:* (UID FLAGS RFC822.SIZE)" || strings.Contains(command, "BODY.PEEK[]") && !strings.HasPrefix(command, "UID FETCH 1 ") && !strings.HasPrefix(command, "UID FETCH 3 ")
				switch {
				case !fails:
					return "", false
				case hangUp:
					return "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 34)\r\n", true
				}
				return "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 34)\r\nTAG NO [SERVERBUG] Internal error\r\n", false
			}
			s.start(t)
			out, err := n.run(s, t.Context())
			n.says(out, "INBOX: 2 new, 0 already there")
			if done := n.plan.Outcome(); err != nil || len(done.Bad) != 1 || done.Bad[0].Name != "INBOX UID 2" {
				t.Errorf("%v, %+v\n%s", err, done.Bad, out)
			}
			n.want("INBOX", "1 0[] 1", "3 0[] 3")
		})
	}
}

// TestPoison: a stretch of messages at which the connection is lost does not keep those after it away.
func TestPoison(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1, 2, 3, 4, 5, 6, 7, 8)}}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		return "", strings.Contains(command, "BODY.PEEK[]") && !strings.HasPrefix(command, "UID FETCH 8 ")
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "INBOX: 1 new, 0 already there", "left out: INBOX UID 7: the server closed the connection")
	n.want("INBOX", "8 0[] 8")
	if done := n.plan.Outcome(); err != nil || len(done.Bad) != 7 {
		t.Errorf("%v, %+v", err, done.Bad)
	}
}

// TestReplaced: where folders share a UIDVALIDITY a new one is not taken for one that has gone: its messages are others.
func TestReplaced(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1)}, {name: "A", validity: 1, letters: letters(1, 2)}}}, newNewcomer(t)
	s.start(t)
	if _, err := n.run(s, t.Context()); err != nil {
		t.Fatal(err)
	}
	s.folders[1] = &oldFolder{name: "B", validity: 1, letters: []letter{{uid: 1, text: "Message-ID: <b1@example.net>\r\n\r\nb1"}, {uid: 2, text: "\r\nb2"}}}
	out, err := n.run(s, t.Context())
	n.says(out, "B: 2 new, 0 already there")
	n.want("A", "1 0[] 1", "2 0[] 2")
	n.want("B", "1 0[] b1", "2 0[] b2")
	if err != nil {
		t.Error(err)
	}
}

// TestNumberedAnew: a folder that was deleted and made again, and has the UIDVALIDITY of the old one, is told from it by its
// UIDNEXT; its messages are not taken for those that are here.
func TestNumberedAnew(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 1, letters: letters(1, 2, 9)}
	s, n := &oldServer{folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.start(t)
	if _, err := n.run(s, t.Context()); err != nil {
		t.Fatal(err)
	}
	inbox.letters = []letter{{uid: 1, flags: `\Seen`, text: "\r\nother"}}
	out, err := n.run(s, t.Context())
	n.says(out, "left out: INBOX: the folder cannot be read: the server has numbered its messages anew and does not say so; rename it there, and it comes as a new folder")
	n.want("INBOX", "1 0[] 1", "2 0[] 2", "9 0[] 9")
	if err != nil {
		t.Error(err)
	}
}

// TestBehind: a message of which a server does not tell among what has changed comes all the same.
func TestBehind(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, modseq: 10, letters: letters(1, 2)}
	s, n := &oldServer{caps: "CONDSTORE", folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.start(t)
	for uid := 3; uid < 6; uid++ {
		if out, err := n.run(s, t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		inbox.letters = append(inbox.letters, letter{uid: uid, modseq: 7, text: fmt.Sprint("\r\n", uid)})
		inbox.modseq = max(inbox.modseq, uid*3) // 10 stays for the first
	}
	if out, err := n.run(s, t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	n.want("INBOX", "1 0[] 1", "2 0[] 2", "3 0[] 3", "4 0[] 4", "5 0[] 5")
}
