package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"satchel/migrations"
)

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	m := ok[*Mail](t)(OpenMail(path))
	must(t, m.write.script("PRAGMA user_version = 4711"))
	must(t, m.Close())
	_, err := OpenMail(path)
	if !errors.Is(err, ErrNewerSchema) || !strings.Contains(err.Error(), "4711") || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestOpenAgainChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	must(t, ok[*Mail](t)(OpenMail(path)).Close())
	before := ok[[]byte](t)(os.ReadFile(path))
	must(t, ok[*Mail](t)(OpenMail(path)).Close())
	if after := ok[[]byte](t)(os.ReadFile(path)); string(after) != string(before) {
		t.Error("the file differs")
	}
}

// Every column of every table says beside it what it holds.
func TestEveryColumnHasItsComment(t *testing.T) {
	definition := regexp.MustCompile(`(?m)^    ([a-z_]+)\s.*$`)
	must(t, fs.WalkDir(migrations.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		sql := ok[[]byte](t)(migrations.Files.ReadFile(path))
		columns := definition.FindAllString(string(sql), -1)
		if len(columns) == 0 {
			t.Errorf("%s: no column found", path)
		}
		for _, line := range columns {
			if _, comment, _ := strings.Cut(line, "--"); strings.TrimSpace(comment) == "" {
				t.Errorf("%s: no comment: %s", path, line)
			}
		}
		return nil
	}))
}

// TestCredentialsStay: whoever had a password before its last use from somewhere was noted has it still, under its id.
func TestCredentialsStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "directory.db")
	c := ok[*conn](t)(openConn(path, connOptions{pageSize: directoryPageSize, cache: directoryCache, create: true}))
	for number, file := range []string{"directory/0001_init.sql", "directory/0002_quota.sql"} {
		must(t, applyMigration(c, file, number+1))
	}
	must(t, c.script(`INSERT INTO account VALUES (3, 'folder', 'alice', 0, x'aa', 4096, 7);
		INSERT INTO credential VALUES (4, 3, '', x'bb', x'cc', 8, 0), (9, 3, 'phone', x'dd', x'ee', 9, 10)`))
	must(t, c.close())
	d := openDirectoryAt(t, path)
	want := []Credential{
		{ID: 4, StoredKey: []byte{0xbb}, ServerKey: []byte{0xcc}, Created: 8},
		{ID: 9, Label: "phone", StoredKey: []byte{0xdd}, ServerKey: []byte{0xee}, Created: 9, Used: 10},
	}
	if got := ok[[]Credential](t)(d.Credentials(3)); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	must(t, d.RemoveAccount(3, 11))
	if got := ok[[]Credential](t)(d.Credentials(3)); len(got) > 0 {
		t.Errorf("passwords of nobody: %+v", got)
	}
}
