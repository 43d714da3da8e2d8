package imapsync

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// want compares lists of messages.
func (n *newcomer) want(folder string, want ...string) {
	n.t.Helper()
	if got := n.folder(folder); !reflect.DeepEqual(got, want) {
		n.t.Errorf("%s has %q, want %q", folder, got, want)
	}
}

func (n *newcomer) says(out string, lines ...string) {
	n.t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+out, "\n"+line+"\n") {
			n.t.Errorf("no line %q in\n%s", line, out)
		}
	}
}

// TestAgain: each run brings the difference, by UIDs; the first keeps them, later ones leave a gap.
func TestAgain(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, letters: letters(3, 5, 9)}
	inbox.letters[1].flags = `\Seen work`
	s, n := &oldServer{folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "INBOX: 3 new, 0 already there", "alice: 3 new, 0 already there")
	n.want("INBOX", "3 0[] 3", "5 1[work] 5", "9 0[] 9")
	if err != nil {
		t.Fatal(err)
	}

	inbox.letters = append(inbox.letters[1:], letters(12)...)
	inbox.letters[0].flags, inbox.letters[1].flags = `\Seen`, `\Flagged $Forwarded`
	if _, err = n.run(s, t.Context(), func(o *Options) { o.DryRun = true }); err != nil {
		t.Error(err)
	}
	if got, want := n.plan.Total(), (Difference{New: 1, Bytes: 34, Present: 2, Flags: 2}); got != want {
		t.Errorf("would do %+v, want %+v", got, want)
	}
	out, err = n.run(s, t.Context())
	n.says(out, "INBOX: 1 new, 2 already there, 2 changed")
	if err != nil {
		t.Error(err)
	}
	want := []string{"3 0[] 3", "5 1[] 5", "9 4[$Forwarded] 9", "12 0[] 12"}
	n.want("INBOX", want...)
	out, err = n.run(s, t.Context(), func(o *Options) { o.Delete = true })
	n.says(out, "left out: INBOX: nothing was removed: the server contradicts itself: 3 messages by EXISTS, 0 by SEARCH")
	if err != nil {
		t.Error(err)
	}
	n.want("INBOX", want...)
	s.wrong = func(_ int, command string) (string, bool) {
		if command == "UID SEARCH ALL" {
			return "* SEARCH 12 9 5\r\nTAG OK\r\n", false
		}
		return "", false
	}
	out, err = n.run(s, t.Context(), func(o *Options) { o.Delete = true })
	n.says(out, "INBOX: 0 new, 3 already there, 1 changed")
	if err != nil {
		t.Error(err)
	}
	n.want("INBOX", want[1:]...)
}

// TestModSeq: what has not changed since is not looked at, unless the server has begun to count anew.
func TestModSeq(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, modseq: 10, letters: letters(1, 2)}
	var looked []string
	s, n := &oldServer{caps: "CONDSTORE", folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		if look := strings.TrimPrefix(command, "UID FETCH 1:* (UID FLAGS RFC822.SIZE)"); look != command {
			looked = append(looked, look)
		}
		return "", false
	}
	s.start(t)
	arrive := func(uid, modseq int) {
		inbox.letters, inbox.modseq = append(inbox.letters, letters(uid)...), modseq
		inbox.letters[len(inbox.letters)-1].modseq = modseq
	}
	for _, change := range []func(){func() {}, func() { arrive(3, 11) }, func() {}, func() { arrive(4, 2) }} {
		change()
		if out, err := n.run(s, t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	if want := []string{"", " (CHANGEDSINCE 10)", ""}; !reflect.DeepEqual(looked, want) {
		t.Errorf("looked %q, want %q", looked, want)
	}
	n.want("INBOX", "1 0[] 1", "2 0[] 2", "3 0[] 3", "4 0[] 4")
}

// TestOmitted: what the server leaves out, though it says that all is well, comes the next time if it is still there.
func TestOmitted(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, modseq: 10, letters: letters(1, 2, 3)}
	s, n := &oldServer{caps: "CONDSTORE", folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		if strings.HasPrefix(command, "UID FETCH 1:3 ") {
			return "* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\n\r\na)\r\n* 2 FETCH (FLAGS () BODY[] {3}\r\n\r\nb)\r\nTAG OK\r\n", false
		}
		return "", false
	}
	s.start(t)
	for _, want := range [][]string{{"1 0[] a"}, {"1 0[] a", "100004 0[] 2", "100005 0[] 3"}} {
		if out, err := n.run(s, t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		n.want("INBOX", want...)
	}
}

// TestUntold: a message of which the server does not tell is missed, and comes as soon as it does.
func TestUntold(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, modseq: 10, letters: letters(1, 2, 3)}
	s, n := &oldServer{caps: "CONDSTORE", folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		if command == "UID FETCH 1:* (UID FLAGS RFC822.SIZE)" {
			return "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 34)\r\n* 3 FETCH (UID 3 FLAGS () RFC822.SIZE 34)\r\nTAG OK\r\n", false
		}
		return "", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "INBOX: 2 new, 0 already there", "left out: INBOX: the server contradicts itself: 3 messages by EXISTS, 2 by FETCH")
	n.want("INBOX", "1 0[] 1", "3 0[] 3")
	if err != nil {
		t.Error(err)
	}
	s.wrong = nil
	if out, err = n.run(s, t.Context()); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	n.want("INBOX", "1 0[] 1", "3 0[] 3", "100004 0[] 2")
}

// TestRenumbered: under another UIDVALIDITY messages are known by their Message-IDs.
func TestRenumbered(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 77, letters: letters(3, 5)}
	s, n := &oldServer{folders: []*oldFolder{inbox}}, newNewcomer(t)
	s.start(t)
	if _, err := n.run(s, t.Context()); err != nil {
		t.Fatal(err)
	}
	inbox.validity = 78
	for i := range inbox.letters {
		inbox.letters[i].uid = i + 1
	}
	inbox.letters = append(inbox.letters, letter{uid: 3, text: "\r\nnew"}, letter{uid: 4, text: inbox.letters[0].text})
	out, err := n.run(s, t.Context())
	n.says(out, "INBOX: 2 new, 2 already there")
	n.want("INBOX", "3 0[] 3", "5 0[] 5", "100006 0[] new", "100007 0[] 3")
	if err != nil {
		t.Error(err)
	}
	if out, err = n.run(s, t.Context()); err != nil || !strings.HasPrefix(out, "alice: 0 new, 4 already there") {
		t.Errorf("once more: %v\n%s", err, out)
	}
}

// TestRenamed: a folder that has another name goes on where it was, with what is below it.
func TestRenamed(t *testing.T) {
	folders := []*oldFolder{{name: "INBOX", validity: 1}, {name: "A", validity: 2, letters: letters(1)}, {name: "A/x", validity: 3, letters: letters(1)},
		{name: "B", validity: 4, letters: letters(1)}, {name: "C", validity: 4, letters: letters(1)}}
	s, n := &oldServer{folders: folders}, newNewcomer(t)
	s.start(t)
	if _, err := n.run(s, t.Context()); err != nil {
		t.Fatal(err)
	}
	folders[1].name, folders[2].name = "Z", "Z/x"
	folders[3].name, folders[4].name = "D", "E" // which is which cannot be told
	out, err := n.run(s, t.Context())
	n.says(out, "A has been renamed to Z there", "A/x has been renamed to Z/x there", "D: 1 new, 0 already there", "E: 1 new, 0 already there")
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"Z", "Z/x", "B", "C", "D", "E"} {
		n.want(name, "1 0[] 1")
	}
}

// TestLost: a connection that is lost in the middle of a message is made again, and nothing is lost or doubled.
func TestLost(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1, 2, 3)}}}, newNewcomer(t)
	s.wrong = func(c int, command string) (string, bool) {
		switch {
		case c == 1 && strings.HasPrefix(command, "UID FETCH 1:*"):
			return "* BYE going down\r\n", true
		case c == 2 && strings.HasPrefix(command, "UID FETCH 1:3"):
			return "* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\n\r\na)\r\n* 2 FETCH (UID 2 FLAGS () BODY[] {30}\r\nhal", true
		case c == 3 && strings.HasPrefix(command, "LOGIN"):
			return "TAG NO [UNAVAILABLE] Suggested Backoff Time: 100000 milliseconds\r\n", false
		case c == 4 && strings.HasPrefix(command, "UID FETCH 2"):
			return "TAG NO Request is throttled. Suggested Backoff Time: 600000 milliseconds\r\n", false
		}
		return "", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "the server says: going down; going on in 1s", "INBOX: 3 new, 0 already there")
	n.want("INBOX", "1 0[] a", "2 0[] 2", "3 0[] 3")
	if want := []time.Duration{time.Second, time.Second, 2 * time.Minute, 10 * time.Minute}; err != nil || !reflect.DeepEqual(n.pauses, want) {
		t.Errorf("%v, paused %v, want %v", err, n.pauses, want)
	}
}

// TestHostile: single messages that do not come are named, and tried again next time; what nobody asked for is
// not taken; what the server says does not reach the terminal as it is.
func TestHostile(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 1, letters: letters(1, 2, 3, 4, 5, 6)}
	odd := &oldFolder{name: "odd\x1b[31m", validity: 2}
	s, n := &oldServer{folders: []*oldFolder{inbox, odd, {name: "closed", validity: 3}}}, newNewcomer(t)
	healed := false
	s.wrong = func(_ int, command string) (string, bool) {
		switch {
		case healed:
		case strings.HasPrefix(command, "EXAMINE \"closed"):
			return "TAG NO [NOPERM] not yours\x1b[2J\r\n", false
		case command == "UID FETCH 1:* (UID FLAGS RFC822.SIZE)":
			var all strings.Builder
			for i, l := range inbox.letters {
				fmt.Fprintf(&all, "* %d FETCH (UID %d FLAGS () RFC822.SIZE %d)\r\n", i+1, l.uid, map[int]int{4: 1 << 30}[l.uid])
			}
			return all.String() + "TAG OK\r\n", false
		case strings.HasPrefix(command, "UID FETCH 1:3,5:6 "):
			return "* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\n\r\na)\r\n* 9 FETCH (UID 4294967295 FLAGS () BODY[] {3}\r\n\r\nx)\r\n* 5 FETCH (UID 5 FLAGS () BODY[] NIL)\r\nTAG NO some failed\r\n", false
		case strings.HasPrefix(command, "UID FETCH 2 "):
			return "TAG NO \x1b]0;broken\x07\r\n", false
		case strings.HasPrefix(command, "UID FETCH 3 "):
			return "* 1 FETCH (UID 3 FLAGS () BODY[] {99999999999}\r\n", true
		}
		return "", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	if strings.ContainsAny(out, "\x1b\x07") {
		t.Errorf("said %q", out)
	}
	n.says(out, "INBOX: 2 new, 0 already there", "left out: INBOX UID 4: 1073741824 are more than the limit of 104857600", "left out: INBOX UID 5: the server has no text for it",
		"left out: INBOX UID 2: the server says: ?]0;broken?", "left out: INBOX UID 3: the message is larger than the limit",
		"left out: closed: the server says: not yours?[2J", "alice: 2 new, 0 already there")
	if done := n.plan.Outcome(); err != nil || len(done.Bad) != 6 || done.Bytes != 35 {
		t.Errorf("ends with %v, %+v", err, done)
	}
	n.want("INBOX", "1 0[] a", "6 0[] 6")

	healed, s.folders = true, []*oldFolder{inbox}
	out, err = n.run(s, t.Context())
	n.says(out, "INBOX: 4 new, 2 already there")
	n.want("INBOX", "1 0[] a", "6 0[] 6", "100007 0[] 2", "100008 0[] 3", "100009 0[] 4", "100010 0[] 5")
	if err != nil {
		t.Error(err)
	}
}

// TestGivesUp: a server that breaks off each time does so a bounded number of times; the rest comes if it can be reached still.
func TestGivesUp(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 1}
	for uid := 2; uid < 60; uid++ {
		inbox.letters = append(inbox.letters, letters(uid)...)
	}
	s, n := &oldServer{folders: []*oldFolder{inbox, {name: "Rest", validity: 2, letters: letters(1)}}}, newNewcomer(t)
	s.wrong = func(c int, command string) (string, bool) {
		return "", c > 1 || strings.HasPrefix(command, "UID FETCH 2:")
	}
	s.start(t)
	_, err := n.run(s, t.Context())
	if err == nil || !strings.Contains(err.Error(), "the server closed the connection") || len(n.pauses) != len(lostPauses) {
		t.Errorf("%v after %d pauses", err, len(n.pauses))
	}
	s.wrong = func(_ int, command string) (string, bool) {
		return "", strings.Contains(command, "BODY.PEEK[]") && !strings.HasPrefix(command, "UID FETCH 1 ")
	}
	out, err := n.run(s, t.Context())
	n.says(out, "left out: INBOX UID 21: the server closed the connection", "left out: INBOX: the server closed the connection", "alice: 1 new, 0 already there")
	if done := n.plan.Outcome(); err != nil || len(done.Bad) < maxGivenUp || len(done.Bad) > maxGivenUp+len(lostPauses) {
		t.Errorf("%v, %d named", err, len(done.Bad))
	}
}

// TestInterrupted: what came is kept, with the UIDs, and the next run goes on from there.
func TestInterrupted(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1, 2, 3, 4)}}}, newNewcomer(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.wrong = func(_ int, command string) (string, bool) {
		if !strings.HasPrefix(command, "UID FETCH 1:4") {
			return "", false
		}
		cancel()
		return "* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\n\r\na)\r\n", true
	}
	s.start(t)
	if _, err := n.run(s, ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ends with %v", err)
	}
	s.wrong = nil
	if _, err := n.run(s, t.Context()); err != nil {
		t.Error(err)
	}
	n.admin(func(a control.Admin) error {
		list, err := a.Mailboxes("alice")
		for _, m := range list {
			if m.Name == "INBOX" && (m.UIDValidity != 1 || m.UIDNext != 5 || m.Messages != 4) {
				t.Errorf("%+v", m)
			}
		}
		return err
	})
}

// TestUpstreamName: the standard ports are one server; any other may lead to one of its own.
func TestUpstreamName(t *testing.T) {
	for addr, want := range map[string]string{
		"Mail.example.net:993": "alice@mail.example.net", "mail.example.net:143": "alice@mail.example.net",
		"localhost:1143": "alice@localhost:1143", "[::1]:993": "alice@::1", "[::1]:1143": "alice@[::1]:1143",
	} {
		s := Server{Config: imapclient.Config{Addr: addr}, User: "alice"}
		if got := s.upstream(); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
}
