package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
