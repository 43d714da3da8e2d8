package maildir

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Tree is what lies below one directory.
type Tree struct {
	Folders    []Folder          // INBOX first, then by name
	Subscribed []string          // names of folders, some of which may not exist
	SpecialUse map[string]string // attribute by folder, of a tree that satchel wrote
	Bad        []error           // what could not be read and was left out
	Again      []string          // links, for people, to directories that are taken in by another path: no mail is missing

	root  string
	dots  bool             // Maildir++ layout
	taken map[place]string // directories that were looked into, and the path by which they were reached
	links []way            // not followed yet
}

// Folder is one folder of messages.
type Folder struct {
	Name string // UTF-8, levels separated by "/"; the root is "INBOX"
	Dir  string
}

// Open finds the folders below root. ErrFormat when there is none.
func Open(root string) (*Tree, error) {
	if _, err := os.ReadDir(root); err != nil {
		return nil, fmt.Errorf("open maildir: %w", err)
	}
	t := &Tree{root: root, taken: map[place]string{}}
	if t.is(isFolder, root) {
		t.Folders = append(t.Folders, Folder{Name: "INBOX", Dir: root})
	}
	t.walkAll()
	if len(t.Folders) == 0 {
		return nil, fmt.Errorf("%s: %w", root, ErrFormat)
	}
	slices.SortFunc(t.Folders, func(a, b Folder) int {
		if (a.Name == "INBOX") != (b.Name == "INBOX") {
			if a.Name == "INBOX" {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	t.readSubscriptions()
	t.readSpecialUse()
	return t, nil
}

func (t *Tree) has(name string) bool {
	return slices.ContainsFunc(t.Folders, func(f Folder) bool { return f.Name == name })
}

// readSubscriptions reads Dovecot's file in either of its versions, or Courier's.
func (t *Tree) readSubscriptions() {
	lines, err := readLines(filepath.Join(t.root, subsFile))
	if err != nil {
		lines, err = readLines(filepath.Join(t.root, courierSubs))
	}
	if err != nil {
		return // no subscriptions is an ordinary state
	}
	if len(lines) > 0 && strings.HasPrefix(lines[0], "V\t") {
		for _, l := range lines[1:] {
			t.subscribe(strings.Split(l, "\t"), tabUnescape)
		}
		return
	}
	for _, l := range lines {
		sep := "/"
		if t.dots && !(strings.Contains(l, "/") && !t.has(folderName(strings.Split(l, ".")))) {
			sep = "."
		}
		t.subscribe(strings.Split(l, sep), nil)
	}
}

func (t *Tree) subscribe(levels []string, unescape func(string) string) {
	if len(levels) == 1 && levels[0] == "" {
		return
	}
	if unescape != nil {
		for i := range levels {
			levels[i] = unescape(levels[i])
		}
	}
	name := folderName(levels)
	// Courier, and Dovecot with its prefix, call the root's siblings children of INBOX.
	if short, ok := strings.CutPrefix(name, "INBOX/"); ok && !t.has(name) && t.has(short) {
		name = short
	}
	if !slices.Contains(t.Subscribed, name) {
		t.Subscribed = append(t.Subscribed, name)
	}
}

// tabUnescape undoes Dovecot's escaping of the characters that its tab-separated lines need themselves.
func tabUnescape(s string) string {
	return strings.NewReplacer("\x010", "\x00", "\x011", "\x01", "\x01t", "\t", "\x01r", "\r", "\x01n", "\n").Replace(s)
}

func (t *Tree) readSpecialUse() {
	lines, err := readLines(filepath.Join(t.root, specialUseFile))
	if err != nil {
		return // only trees that satchel wrote have it
	}
	t.SpecialUse = map[string]string{}
	for _, l := range lines {
		if use, name, ok := strings.Cut(l, "\t"); ok {
			t.SpecialUse[name] = use
		}
	}
}

// readLines reads a small text file.
func readLines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var lines []string
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		lines = append(lines, strings.TrimSuffix(in.Text(), "\r"))
	}
	return lines, in.Err()
}

// Size adds up the files of all folders, in bytes, as far as they can be seen.
func (t *Tree) Size() (n int64) {
	for _, f := range t.Folders {
		for _, sub := range []string{"cur", "new"} {
			files, _ := os.ReadDir(filepath.Join(f.Dir, sub))
			for _, file := range files {
				if info, err := file.Info(); err == nil {
					n += info.Size()
				}
			}
		}
	}
	return n
}
