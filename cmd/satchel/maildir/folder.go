package maildir

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/crlf"
)

// Contents is what a folder holds at the moment of reading.
type Contents struct {
	Entries     []Entry // by UID, those without one after them by date
	UIDValidity uint32  // 0 when the folder has no usable dovecot-uidlist
	UIDNext     backend.UID
	Bad         []error // what could not be read and was left out
}

// Entry is one message. Its bytes are read with Open.
type Entry struct {
	Key      string      // unique in its folder; the same in every reading, whatever the flags do
	UID      backend.UID // 0 when dovecot-uidlist does not have it
	Flags    backend.Flags
	Keywords []string // shared between entries, not to be changed
	Date     time.Time
	Size     int64 // bytes of the file

	path string
	wire *crlf.Reader // converts line ends; all entries of a folder share it
}

// Read lists the folder's messages, as far as they can be read.
func (f *Folder) Read() *Contents {
	c := &Contents{}
	list, err := readUIDList(filepath.Join(f.Dir, uidlistFile))
	if err != nil {
		c.Bad = append(c.Bad, err)
	}
	c.UIDValidity, c.UIDNext = list.validity, list.next
	l := lister{c: c, uids: list.uids, flags: flagReader{names: keywordNames(f.Dir)}, more: moreKeywords(f.Dir), wire: crlf.NewReader(nil)}
	for _, sub := range []string{"cur", "new"} {
		l.list(filepath.Join(f.Dir, sub))
	}
	l.keys()
	slices.SortFunc(c.Entries, byUIDThenDate)
	return c
}

func byUIDThenDate(a, b Entry) int {
	return cmp.Or(
		cmp.Compare(a.UID-1, b.UID-1), // 0 becomes the largest
		a.Date.Compare(b.Date),
		cmp.Compare(a.Key, b.Key),
	)
}

// lister gathers the entries of a folder's two directories.
type lister struct {
	c     *Contents
	uids  map[string]backend.UID
	flags flagReader
	more  map[string][]string
	wire  *crlf.Reader
}

func (l *lister) list(dir string) {
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // one of the two is enough
		l.bad(fmt.Errorf("read folder: %w", err))
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, f.Name())
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // renamed by somebody since the listing
			l.bad(fmt.Errorf("%s: it went away", path))
		case err != nil:
			l.bad(err)
		case !info.Mode().IsRegular():
			l.bad(fmt.Errorf("%s: not a file", path))
		default:
			l.add(path, f.Name(), info)
		}
	}
}

func (l *lister) bad(err error) { l.c.Bad = append(l.c.Bad, err) }

func (l *lister) add(path, name string, info fs.FileInfo) {
	base, letters := splitName(name)
	e := Entry{Key: base, UID: l.uids[base], Date: info.ModTime(), Size: info.Size(), path: path, wire: l.wire}
	e.Flags, e.Keywords = l.flags.read(letters)
	if more := l.more[base]; more != nil {
		e.Keywords = more
	}
	l.c.Entries = append(l.c.Entries, e)
}

// keys shortens each key to the part before the first comma, which programs never change, where that part is unique.
// Two files with one name but for their flags are two messages: the later one's key is its whole path.
func (l *lister) keys() {
	count := make(map[string]int, len(l.c.Entries))
	for _, e := range l.c.Entries {
		unique, _, _ := strings.Cut(e.Key, ",")
		count[unique]++
	}
	taken := map[string]bool{}
	for i := range l.c.Entries {
		e := &l.c.Entries[i]
		unique, _, _ := strings.Cut(e.Key, ",")
		switch {
		case unique != "" && count[unique] == 1:
			e.Key = unique
		case taken[e.Key]:
			e.Key = filepath.Base(filepath.Dir(e.path)) + "/" + filepath.Base(e.path)
		default:
			taken[e.Key] = true
		}
	}
}
