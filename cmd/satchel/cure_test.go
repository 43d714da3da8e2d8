package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestCure: the system's errors about the data folder come with what to do, others stay as they are.
func TestCure(t *testing.T) {
	data := t.TempDir()
	for _, c := range []struct {
		err  error
		data string
		cure string
	}{
		{fs.ErrPermission, data, "chown -R " + userName(os.Geteuid()) + " " + data},
		{fs.ErrPermission, filepath.Join(data, "missing"), "run this as root"},
		{syscall.EROFS, data, "dmesg"},
	} {
		err := &fs.PathError{Op: "open", Path: "lock", Err: c.err}
		if text := withCure(err, c.data).Error(); !strings.HasPrefix(text, err.Error()) || !strings.Contains(text, c.cure) {
			t.Error(text)
		}
	}
	_, missing := os.Stat(filepath.Join(data, "missing"))
	if err := withCure(missing, data); err != missing {
		t.Error(err)
	}
	if err := withCure(nil, data); err != nil {
		t.Error(err)
	}
}
