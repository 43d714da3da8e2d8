package storage

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A folder is made with those above it, and may be there; what is there and is none is told.
func TestMakeFolder(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	for range 2 {
		must(t, MakeFolder(deep))
	}
	if info := ok[os.FileInfo](t)(os.Stat(filepath.Dir(deep))); !info.IsDir() || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder above is %v", info.Mode())
	}
	file, link, nowhere := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "nowhere")
	must(t, os.WriteFile(file, nil, 0o600))
	must(t, os.Symlink(deep, link))
	must(t, os.Symlink("missing", nowhere))
	must(t, MakeFolder(link))
	for path, want := range map[string]error{
		file:                       syscall.ENOTDIR,
		filepath.Join(file, "sub"): syscall.ENOTDIR,
		nowhere:                    os.ErrNotExist,
	} {
		if err := MakeFolder(path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}
