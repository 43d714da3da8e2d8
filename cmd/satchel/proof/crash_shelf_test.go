package proof

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// shelved is what was asked of a message and what was acknowledged: flagged in INBOX, copied to Archive, or moved there.
type shelved struct {
	moving           bool // MOVE was asked for: until that is answered it may be in either
	flagged          bool
	copied, moved    int64 // the UIDs told, or 0
	inbox, inArchive int   // how often it is there, and under which UID in Archive
	uid              int64
}

var copyUID = regexp.MustCompile(`\[COPYUID \d+ \d+ (\d+)\]`)

// shelve appends messages and flags, copies or moves each, until the connection breaks.
func shelve(p *program, suffix string, acked *ledger) {
	c, err := connect(p.imap, false)
	if err != nil {
		return
	}
	defer c.Close()
	for _, command := range []string{fmt.Sprintf("LOGIN %s %q", user, password), "SELECT INBOX"} {
		if _, status, err := c.do("%s", command); err != nil || !strings.HasPrefix(status, "OK") {
			return
		}
	}
	for n := 0; ; n++ {
		id := fmt.Sprintf("%d.%s", n, suffix)
		status, err := c.append(letter(id))
		m := appendUID.FindStringSubmatch(status)
		if err != nil || m == nil || !acked.shelve(c, id, m[1], n%3) {
			return
		}
	}
}

// shelve asks for one change of a message in INBOX and notes the answer. It reports whether that was OK.
func (l *ledger) shelve(c *client, id, uid string, what int) bool {
	note := func(change func(*shelved)) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.shelf[id] == nil {
			l.shelf[id] = new(shelved)
		}
		change(l.shelf[id])
	}
	note(func(s *shelved) { s.moving = what == 2 })
	command := []string{`UID STORE %s +FLAGS.SILENT (\Flagged)`, "UID COPY %s Archive", "UID MOVE %s Archive"}[what]
	untagged, status, err := c.do(command, uid)
	if err != nil || !strings.HasPrefix(status, "OK") {
		return false
	}
	told := copyUID.FindStringSubmatch(strings.Join(append(untagged, status), "\n"))
	if told == nil && what > 0 {
		return false
	}
	note(func(s *shelved) {
		switch what {
		case 0:
			s.flagged = true
		case 1:
			s.copied, _ = strconv.ParseInt(told[1], 10, 64)
		case 2:
			s.moved, _ = strconv.ParseInt(told[1], 10, 64)
		}
	})
	return true
}

// compareShelf looks at INBOX and Archive: what was acknowledged of each message that was shelved is so, and of a MOVE
// that was not, all or nothing.
func compareShelf(t *testing.T, c *client, acked *ledger) {
	t.Helper()
	now := map[string]*shelved{}
	for _, mailbox := range []string{"INBOX", "Archive"} {
		if c.exists(t, mailbox) == 0 {
			continue
		}
		for _, r := range c.must(t, "UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (Message-ID)])") {
			id, uid := messageID.FindStringSubmatch(r), uidItem.FindStringSubmatch(r)
			if id == nil || uid == nil || acked.shelf[id[1]] == nil {
				continue
			}
			s := now[id[1]]
			if s == nil {
				s = new(shelved)
				now[id[1]] = s
			}
			if mailbox == "INBOX" {
				s.inbox++
				s.flagged = strings.Contains(r, `\Flagged`)
			} else {
				s.inArchive++
				s.uid, _ = strconv.ParseInt(uid[1], 10, 64)
			}
		}
	}
	for id, was := range acked.shelf {
		is := now[id]
		if is == nil {
			is = new(shelved)
		}
		if why := was.broken(is); why != "" {
			t.Errorf("%s: %s: %d in INBOX, %d in Archive, UID %d there; acknowledged was %+v", id, why, is.inbox, is.inArchive, is.uid, *was)
		}
	}
}

// broken says which promise does not hold, "" if all do.
func (s *shelved) broken(is *shelved) string {
	switch {
	case s.moving && is.inbox+is.inArchive != 1:
		return "moved by half"
	case s.moved != 0 && is.uid != s.moved:
		return "not where it was moved to"
	case !s.moving && (is.inbox != 1 || is.inArchive > 1):
		return "lost or doubled"
	case s.copied != 0 && is.uid != s.copied:
		return "not copied"
	case s.flagged && !is.flagged:
		return "not flagged"
	}
	return ""
}
