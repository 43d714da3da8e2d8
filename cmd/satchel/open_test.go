package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSayWho: who may not look into the data folder is told who may; other trouble stays as it is.
func TestSayWho(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "lock", Err: fs.ErrPermission}
	if text := sayWho(denied).Error(); !strings.HasPrefix(text, denied.Error()) || !strings.Contains(text, "as root") {
		t.Error(text)
	}
	_, missing := os.Stat(filepath.Join(t.TempDir(), "missing"))
	if err := sayWho(missing); err != missing {
		t.Error(err)
	}
	if err := sayWho(nil); err != nil {
		t.Error(err)
	}
}
