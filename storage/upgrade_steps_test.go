package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"

	"satchel/migrations"
)

// upTo applies the migrations that a file lacks of the first ones.
func upTo(t *testing.T, c *conn, folder string, last int) {
	t.Helper()
	files := ok[[]string](t)(fs.Glob(migrations.Files, folder+"/*.sql"))
	for number := int(ok[int64](t)(c.queryInt("PRAGMA user_version"))) + 1; number <= last; number++ {
		must(t, applyMigration(c, files[number-1], number))
	}
}

// An upgrade for which there is no room at some point leaves the file whole, in one schema or another, and is finished
// when there is room.
func TestUpgradeWithoutRoom(t *testing.T) {
	want := schema(t, openTest(t))
	stopped := map[int64]bool{}
	for more := int64(0); ; more++ {
		path := filepath.Join(t.TempDir(), "mail.db")
		unpackFirst(t, path)
		c := ok[*conn](t)(openConn(path, mailOptions))
		pages := ok[int64](t)(c.queryInt("PRAGMA page_count"))
		must(t, c.script(fmt.Sprintf("PRAGMA max_page_count = %d", pages+more)))
		failed := migrate(c, "mail")
		if failed != nil && (!errors.Is(failed, ErrFull) || c.inTransaction()) {
			t.Fatalf("with %d pages more: %v, in a transaction: %v", more, failed, c.inTransaction())
		}
		stopped[ok[int64](t)(c.queryInt("PRAGMA user_version"))] = true
		must(t, c.close())
		m := ok[*Mail](t)(OpenMail(path))
		checkClean(t, m)
		boxes, _, err := m.Mailboxes()
		must(t, err)
		inbox := boxes[slices.IndexFunc(boxes, func(b Mailbox) bool { return b.Name == "INBOX" })]
		if got := schema(t, m); !slices.Equal(got, want) || len(entries(t, m, inbox.ID)) != 3 || len(orphans(t, m)) != 2 {
			t.Errorf("with %d pages more at first: %d entries, schema %q", more, len(entries(t, m, inbox.ID)), got)
		}
		must(t, m.Close())
		if failed == nil {
			break
		}
	}
	if len(stopped) < 5 {
		t.Errorf("it stopped at the schemas %v only", stopped)
	}
}

// What later schemas brought is kept by those after them: threads as long as they have messages, annotations, expunges.
func TestUpgradeFromBetween(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	unpackFirst(t, path)
	c := ok[*conn](t)(openConn(path, mailOptions))
	upTo(t, c, "mail", 5)
	must(t, c.script(`INSERT INTO thread (message, thread) SELECT id, 1 FROM message;
		INSERT INTO threadname (name, thread) VALUES (-7, 1), (8, 99);
		INSERT INTO metadata (mailbox, entry, value) SELECT id, '/private/comment', CAST('mine' AS BLOB) FROM mailbox WHERE name = 'INBOX';
		UPDATE mailbox SET forgotten = 1`))
	messages := ok[int64](t)(c.queryInt("SELECT count(*) FROM message"))
	must(t, c.close())
	m := ok[*Mail](t)(OpenMail(path))
	defer m.Close()
	checkClean(t, m)
	if list := ok[[]MessageID](t)(m.ThreadMessages(1)); int64(len(list)) != messages || messages < 3 {
		t.Errorf("%d messages in the thread, of %d", len(list), messages)
	}
	for query, want := range map[string]int64{
		"SELECT count(*) FROM threadname":                                  1,
		"SELECT count(*) FROM metadata WHERE value = CAST('mine' AS BLOB)": 1,
		"SELECT count(*) FROM mailbox WHERE forgotten = 1":                 ok[int64](t)(m.write.queryInt("SELECT count(*) FROM mailbox")),
		"SELECT count(*) FROM orphan WHERE size > 0 AND date > 0":          2,
	} {
		if got := ok[int64](t)(m.write.queryInt(query)); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

// Accounts of the first version are there, with their passwords and without limits of their own.
func TestUpgradedDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "directory.db")
	c := ok[*conn](t)(openConn(path, connOptions{pageSize: directoryPageSize, cache: directoryCache, create: true}))
	upTo(t, c, "directory", 1)
	must(t, c.script(`INSERT INTO account (folder, name, salt, iterations, created) VALUES ('f', 'alice', x'73', 4096, 5);
		INSERT INTO address (address, account, created) VALUES ('alice@example.org', 1, 5);
		INSERT INTO credential (account, label, stored_key, server_key, created) VALUES (1, '', CAST('stored' AS BLOB), x'73', 5)`))
	must(t, c.close())
	if list := ok[[]DirectoryAccount](t)(ReadDirectory(path)); len(list) != 1 || list[0].Name != "alice" || list[0].HasMail {
		t.Errorf("before: %+v", list)
	}
	d := ok[*Directory](t)(OpenDirectory(path))
	defer d.Close()
	a, list, err := d.Login("alice@example.org")
	if err != nil || a.Folder != "f" || len(list) != 1 || string(list[0].StoredKey) != "stored" {
		t.Errorf("%+v %v %v", a, list, err)
	}
	if limits := ok[Limits](t)(d.LimitsOf("f")); limits != (Limits{Configured, Configured, Configured}) {
		t.Errorf("limits %v", limits)
	}
}
