package storage

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// openFirst opens a copy of a mail.db that the first version wrote, with its schema 1. INBOX has UIDs 1 to 3; 4 and 5
// are expunged.
func openFirst(t *testing.T) *Mail { return openFirstAfter(t, "") }

// openFirstAfter is openFirst once statements have been run on the file.
func openFirstAfter(t *testing.T, statements string) *Mail {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mail.db")
	unpackFirst(t, path)
	c := ok[*conn](t)(openConn(path, mailOptions))
	must(t, c.script(statements))
	must(t, c.close())
	m := ok[*Mail](t)(OpenMail(path))
	t.Cleanup(func() {
		checkClean(t, m)
		must(t, m.Close())
	})
	return m
}

func unpackFirst(t *testing.T, path string) {
	t.Helper()
	packed := ok[*os.File](t)(os.Open("testdata/schema1.db.gz"))
	defer packed.Close()
	raw := ok[[]byte](t)(io.ReadAll(ok[*gzip.Reader](t)(gzip.NewReader(packed))))
	must(t, os.WriteFile(path, raw, 0o600))
}

// schema is the text of all tables and indexes.
func schema(t *testing.T, m *Mail) (list []string) {
	t.Helper()
	must(t, m.write.query("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name",
		func(r row) error { list = append(list, r.text(0)); return nil }))
	return list
}

func TestUpgradedSchema(t *testing.T) {
	got, want := schema(t, openFirst(t)), schema(t, openTest(t))
	if !slices.Equal(got, want) || len(want) < 15 {
		t.Errorf("upgraded: %q\nnew: %q", got, want)
	}
}

// What was expunged before an upgrade is remembered from then on, not from 1970.
func TestUpgradedExpunges(t *testing.T) {
	m := openFirst(t)
	boxes, _, err := m.Mailboxes()
	must(t, err)
	i := slices.IndexFunc(boxes, func(b Mailbox) bool { return b.Name == "INBOX" })
	box := boxes[i].ID
	commit(t, m, func(tx *Tx) { ok[bool](t)(tx.ForgetExpunged(box, time.Now().Add(-time.Hour), 10, 10)) })
	if got := vanished(t, m, box, 0); boxes[i].Forgotten != 0 || !slices.Equal(got, []Range{{5, 5}, {4, 4}}) {
		t.Errorf("forgotten up to %d, remembered: %v", boxes[i].Forgotten, got)
	}
}

// What was expunged before an upgrade can be brought back, from mailboxes too whose name is not known any more.
func TestUpgradedOrphans(t *testing.T) {
	m := openFirstAfter(t, `UPDATE message SET sent = -5 WHERE id = (SELECT message FROM orphan WHERE uid = 4);
		UPDATE message SET sent = 5 WHERE id = (SELECT message FROM orphan WHERE uid = 5);
		UPDATE orphan SET mailbox = 77 WHERE uid = 5`)
	former := ok[map[MailboxID]FormerMailbox](t)(m.FormerMailboxes())
	if len(former) != 1 || former[77].Name != "Undeleted" || !former[77].Subscribed {
		t.Errorf("former mailboxes %v", former)
	}
	found := 0
	must(t, m.Orphans(0, func(o *Orphan) error {
		found++
		date := map[UID]int64{4: o.Since, 5: 5}[o.UID]
		size := ok[[]Message](t)(m.Messages([]MessageID{o.Message}, 0, nil))[0].Size
		want := Orphan{Message: o.Message, Mailbox: o.Mailbox, UID: o.UID, Since: o.Since, Date: date, Size: size}
		if *o != want || size == 0 {
			t.Errorf("%+v, want %+v", *o, want)
		}
		return nil
	}))
	if found != 2 {
		t.Errorf("%d messages", found)
	}
}
