package maildir

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// place is a directory whatever the path to it.
type place struct{ device, inode uint64 }

// way is a path to a directory, and the levels above it.
type way struct {
	path   string
	levels []string
}

// walkAll takes in what lies below the root and then what links lead to, so that a directory with a link to it has the name
// of the place where it lies.
func (t *Tree) walkAll() {
	if info, err := os.Stat(t.root); err == nil {
		t.take(t.root, info)
	}
	t.walk(t.root, nil)
	for len(t.links) > 0 {
		link := t.links[0]
		t.links = t.links[1:]
		t.visit(link)
	}
}

// walk takes in the directories below dir, whose levels are the path to it.
func (t *Tree) walk(dir string, levels []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Bad = append(t.Bad, fmt.Errorf("read folder: %w", err))
		return
	}
	for _, e := range entries {
		w := way{filepath.Join(dir, e.Name()), levels}
		switch name := e.Name(); {
		case name == "cur" || name == "new" || name == "tmp" || !t.is(isDir, w.path):
		case e.Type()&fs.ModeSymlink != 0:
			t.links = append(t.links, w)
		default:
			t.visit(w)
		}
	}
}

// visit takes in a directory, and those below it, unless another way has led there.
func (t *Tree) visit(w way) {
	name := filepath.Base(w.path)
	hidden := strings.HasPrefix(name, ".")
	if hidden && (len(name) == 1 || !t.is(isFolder, w.path)) {
		return
	}
	info, err := os.Stat(w.path)
	if err != nil {
		t.Bad = append(t.Bad, fmt.Errorf("look for a folder: %w", err))
		return
	}
	if !t.take(w.path, info) {
		return
	}
	if hidden {
		t.dots = t.dots || len(w.levels) == 0
		t.add(append(slices.Clone(w.levels), strings.Split(name[1:], ".")...), w.path)
		return
	}
	below := append(slices.Clone(w.levels), name)
	if t.is(isFolder, w.path) {
		t.add(below, w.path)
	}
	if len(below) == maxDepth {
		t.Bad = append(t.Bad, fmt.Errorf("%s: what is below is left out, more than %d levels", w.path, maxDepth))
		return
	}
	t.walk(w.path, below)
}

// take notes that a path leads to a directory. It is false, and the path is named, if another has before.
func (t *Tree) take(path string, info fs.FileInfo) bool {
	sys, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	at := place{uint64(sys.Dev), uint64(sys.Ino)}
	if before, taken := t.taken[at]; taken {
		t.Again = append(t.Again, fmt.Sprintf("%s leads to %s, which is taken already", path, before))
		return false
	}
	t.taken[at] = path
	return true
}

// is names a path of which that cannot be told.
func (t *Tree) is(what func(string) (bool, error), path string) bool {
	yes, err := what(path)
	if err != nil {
		t.Bad = append(t.Bad, fmt.Errorf("look for a folder: %w", err))
	}
	return yes
}

func (t *Tree) add(levels []string, dir string) {
	if len(t.Folders) == maxFolders {
		t.Bad = append(t.Bad, fmt.Errorf("%s: left out, more than %d folders", dir, maxFolders))
		return
	}
	t.Folders = append(t.Folders, Folder{Name: folderName(levels), Dir: dir})
}
