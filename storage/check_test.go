package storage

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// Each kind of damage is found, and named.
func TestCheckFindsDamage(t *testing.T) {
	for _, c := range []struct{ sql, text string }{
		{"INSERT INTO sortkey VALUES (99, x'6300')", "message 99: sort keys without a message"},
		{"INSERT INTO sortkey VALUES (1, x'0200')", "message 1: damaged sort keys"},
		{"INSERT INTO sortkey VALUES (1, x'0105aa')", "message 1: damaged sort keys"},
		{"INSERT INTO thread VALUES (99, 1)", "message 99: thread of a message that is not there"},
		{"INSERT INTO thread VALUES (1, 2)", "message 1: thread that began after its message"},
		{"INSERT INTO threadname VALUES (5, 7)", "message 7: name of a thread without messages"},
		{"INSERT INTO metadata VALUES (77, '/private/comment', x'41')", "mailbox 77: annotation without a mailbox"},
		{"INSERT INTO expunged VALUES (1, 99, 1, 1, 0)", "mailbox 1: UID 1: expunge above"},
		{"INSERT INTO expunged VALUES (1, 1, 9, 9, 0)", "mailbox 1: UID 9: expunge above"},
		{"INSERT INTO expunged VALUES (1, 1, 2, 2, 0)", "mailbox 1: UID 2: message 2: expunged UID is still there"},
		{"UPDATE mailbox SET forgotten = modseq + 1", "mailbox 1: expunges of the future"},
		{"UPDATE mailbox SET unseen = 1", "mailbox 1: counters differ"},
		{"DELETE FROM header WHERE message = 1", "message 1: message without a header"},
	} {
		m := openTest(t)
		fillBox(t, m, newMailbox(t, m, "INBOX"), 3)
		checkClean(t, m)
		must(t, m.write.script("BEGIN; "+c.sql))
		var found problems
		must(t, found.check(t.Context(), m.write, true))
		m.write.rollback()
		if !slices.ContainsFunc(found, func(p Problem) bool { return strings.HasPrefix(p.String(), c.text) }) {
			t.Errorf("%s: found %v", c.sql, found)
		}
	}
}

// TestCheckEnds: what nobody waits for any more ends, and says why, shallow or deep.
func TestCheckEnds(t *testing.T) {
	m := openTest(t)
	fillBox(t, m, newMailbox(t, m, "INBOX"), 1)
	gone := errors.New("gone")
	ctx, end := context.WithCancelCause(t.Context())
	end(gone)
	for _, deep := range []bool{false, true} {
		if _, err := m.Check(ctx, deep); !errors.Is(err, gone) {
			t.Errorf("deep %v: %v", deep, err)
		}
	}
}
