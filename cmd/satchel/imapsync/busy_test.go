package imapsync

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"satchel/backend"
	"satchel/server/control"
)

// TestBusy: folders that are in use or out of reach for now come when the others have come, go on where they were, and are
// named when they stay so; the server is not left alone for them.
func TestBusy(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "Half", validity: 2, letters: letters(1, 2, 3)}, {name: "INBOX", validity: 1, letters: letters(1)},
		{name: "Locked", validity: 3, letters: letters(1)}, {name: "Used", validity: 4, letters: letters(1, 2)}}}, newNewcomer(t)
	s.folders[0].letters = append(s.folders[0].letters, letter{uid: 9, size: 1 << 30})
	asked, fetched := 0, 0
	s.wrong = func(_ int, command string) (string, bool) {
		switch {
		case command == `EXAMINE "Locked"`:
			return "TAG NO [UNAVAILABLE] Out of reach\r\n", false
		case command == `EXAMINE "Used"`:
			if asked++; asked < 3 {
				return "TAG NO [INUSE] Mailbox is locked, try again later\r\n", false
			}
		case strings.HasPrefix(command, "UID FETCH 1:3 "):
			return "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 3 BODY[] {3}\r\n\r\na)\r\nTAG NO [UNAVAILABLE] Out of reach\r\n", false
		case strings.HasPrefix(command, "UID FETCH 2:3 "):
			if fetched++; fetched < 2 {
				return "TAG NO [UNAVAILABLE] Out of reach\r\n", false
			}
		}
		return "", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "Half: 1 new, 0 already there", "Half: the server says: Out of reach; it is tried again when the others have come", "Half: 2 new, 0 already there",
		"folders that were put off: 3; going on in 1m0s", "left out: Locked: the server says: Out of reach",
		"left out: Half UID 9: 1073741824 are more than the limit of 104857600", "alice: 6 new, 0 already there")
	if done := n.plan.Outcome(); err != nil || len(done.Bad) != 2 || !slices.Equal(n.pauses, busyPauses) {
		t.Errorf("%v, paused %v, %+v", err, n.pauses, done.Bad)
	}
	if before, after := strings.Index(out, "INBOX: 1 new"), strings.Index(out, "Used: 2 new"); before < 0 || before > after {
		t.Errorf("not in order:\n%s", out)
	}
	n.want("Half", "1 0[] a", "2 0[] 2", "3 0[] 3")
	n.want("Used", "1 0[] 1", "2 0[] 2")
	out, err = n.run(s, t.Context(), func(o *Options) { o.DryRun = true })
	if done := n.plan.Outcome(); err != nil || len(done.Bad) != 1 || len(n.pauses) != len(busyPauses) {
		t.Errorf("%v, paused %v, %+v\n%s", err, n.pauses, done.Bad, out)
	}
}

// TestBusyAtEnd: what was withheld of a folder that is in use when it is asked about is not named for that.
func TestBusyAtEnd(t *testing.T) {
	inbox := &oldFolder{name: "INBOX", validity: 1, letters: letters(1, 2)}
	s, n := &oldServer{folders: []*oldFolder{inbox}}, newNewcomer(t)
	opened := 0
	s.wrong = func(_ int, command string) (string, bool) {
		switch {
		case command == `EXAMINE "INBOX"`:
			if opened++; opened == 3 { // after it was looked into and fetched
				inbox.letters = inbox.letters[:1]
				return "TAG NO [INUSE] Mailbox is locked\r\n", false
			}
		case strings.HasPrefix(command, "UID FETCH 1:2 "):
			return "* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\n\r\na)\r\nTAG OK\r\n", false
		case command == "UID SEARCH ALL":
			return "* SEARCH 1\r\nTAG OK\r\n", false
		}
		return "", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	if done := n.plan.Outcome(); err != nil || len(done.Bad) != 0 || opened != 4 || len(n.pauses) != 1 {
		t.Errorf("%v, opened %d times, paused %v\n%s", err, opened, n.pauses, out)
	}
	n.want("INBOX", "1 0[] a")
}

// TestBusyAndLost: a folder is not put off when what came of it could not be kept: it would not come again.
func TestBusyAndLost(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1, 2)}}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		if strings.HasPrefix(command, "UID FETCH 1:2 ") {
			return "* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\n\r\na)\r\nTAG NO [UNAVAILABLE] Out of reach\r\n", false
		}
		return "", false
	}
	s.start(t)
	n.admin(func(a control.Admin) error {
		return a.SetQuota("alice", backend.Limits{1, backend.NoLimit, backend.NoLimit})
	})
	if out, err := n.run(s, t.Context()); !errors.Is(err, backend.ErrOverQuota) || len(n.pauses) != 0 {
		t.Errorf("%v, paused %v\n%s", err, n.pauses, out)
	}
}

// TestAllBusy: a server that opens no folder at all is left alone as one that has had enough.
func TestAllBusy(t *testing.T) {
	s, n := &oldServer{folders: []*oldFolder{{name: "INBOX", validity: 1, letters: letters(1)}, {name: "A", validity: 2}}}, newNewcomer(t)
	s.wrong = func(_ int, command string) (string, bool) {
		if strings.HasPrefix(command, "EXAMINE") {
			return "TAG NO [UNAVAILABLE] Out of reach\r\n", false
		}
		return "", false
	}
	s.start(t)
	out, err := n.run(s, t.Context())
	n.says(out, "left out: INBOX: the server says: Out of reach", "left out: A: the server says: Out of reach")
	if err != nil || !slices.Equal(n.pauses, throttledPauses) {
		t.Errorf("%v, paused %v\n%s", err, n.pauses, out)
	}
}
