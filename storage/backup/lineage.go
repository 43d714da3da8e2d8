package backup

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"satchel/storage"
)

// lineage is the packs of one series of message IDs of an account.
type lineage struct {
	r     *Repository
	dir   string // in the repository
	list  packList
	found bool // the list was lost, and is made of the packs that are there
}

// packList is the file that says which packs a lineage has.
type packList struct {
	Format int
	Packs  []packFile // by First; no two have an ID in common
}

// packFile is a pack: all messages from First to Last that were there when it was written, or that some run needs.
type packFile struct {
	File
	First, Last storage.MessageID
	Count       storage.PackCount
}

const packListFile = "packs.json"

// openLineage reads which packs there are. When the list is damaged or missing they are found by their names.
func (r *Repository) openLineage(dir string) (*lineage, error) {
	l := &lineage{r: r, dir: dir}
	err := r.readSealed(path.Join(dir, packListFile), &l.list)
	if errors.Is(err, ErrDamaged) || errors.Is(err, os.ErrNotExist) {
		return l, l.find()
	}
	if err == nil && l.list.Format > format {
		err = fmt.Errorf("%s: %w", dir, ErrNewerFormat)
	}
	return l, err
}

// find makes the list of the packs that are there and whole. What a merge has left beside its result is passed over.
func (l *lineage) find() error {
	l.list, l.found = packList{Format: format}, true
	entries, err := os.ReadDir(l.r.file(l.dir))
	if err != nil {
		return err
	}
	var all []packFile
	for _, e := range entries {
		if path.Ext(e.Name()) != ".pack" {
			continue // one that was put aside, too
		}
		var p packFile
		var sum string
		if _, err := fmt.Sscanf(e.Name(), "%d-%d-%16s.pack", &p.First, &p.Last, &sum); err != nil {
			continue
		}
		name := path.Join(l.dir, e.Name())
		if p.File, err = measure(l.r.file(name), name); err != nil {
			return err
		}
		if len(sum) == 16 && p.Sum[:16] == sum {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b packFile) int { // the widest of those that begin with one message first
		if a.First != b.First {
			return int(a.First - b.First)
		}
		return int(b.Last - a.Last)
	})
	for _, p := range all {
		if n := len(l.list.Packs); n == 0 || p.First > l.list.Packs[n-1].Last {
			l.list.Packs = append(l.list.Packs, p)
		}
	}
	return nil
}

func (l *lineage) save() error { return l.r.writeSealed(path.Join(l.dir, packListFile), l.list) }

// span is a range of message IDs, both ends included.
type span struct{ first, last storage.MessageID }

// gaps lists the IDs up to last that no pack has.
func (l *lineage) gaps(last storage.MessageID) []span {
	var list []span
	next := storage.MessageID(1)
	for _, p := range l.list.Packs {
		if to := min(p.First-1, last); next <= to {
			list = append(list, span{next, to})
		}
		next = p.Last + 1
	}
	if next <= last {
		list = append(list, span{next, last})
	}
	return list
}

// last is the highest ID that a pack has or had, 0 without packs.
func (l *lineage) last() storage.MessageID {
	if n := len(l.list.Packs); n > 0 {
		return l.list.Packs[n-1].Last
	}
	return 0
}

// add checks a new pack, which is on the disk, and puts it in its place and in the list.
func (l *lineage) add(tmp string, s span, count storage.PackCount) (packFile, error) {
	if err := checkPack(tmp, false); err != nil {
		return packFile{}, err
	}
	p := packFile{First: s.first, Last: s.last, Count: count}
	var err error
	p.File, err = l.r.publish(tmp, func(sum string) string {
		return path.Join(l.dir, fmt.Sprintf("%d-%d-%s.pack", s.first, s.last, sum[:16]))
	})
	if err != nil {
		return p, err
	}
	at, _ := slices.BinarySearchFunc(l.list.Packs, p.First, func(x packFile, first storage.MessageID) int { return int(x.First - first) })
	l.list.Packs = slices.Insert(l.list.Packs, at, p)
	return p, l.save()
}

// checkPack finds a pack sound, or says what is wrong.
func checkPack(path string, deep bool) error {
	p, err := storage.OpenPack(path)
	if err != nil {
		return err
	}
	defer p.Close()
	found, err := p.Check(deep)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%s: %w: %s", path, ErrDamaged, found[0])
	}
	return err
}

// asideSuffix is of a damaged pack that is off the list: runs before may need what only it has.
const asideSuffix = ".damaged"

// drop takes packs off the list that are not there as they were written, so that their messages are copied again, and puts
// what is there aside.
func (l *lineage) drop() (dropped []packFile, err error) {
	l.list.Packs = slices.DeleteFunc(l.list.Packs, func(p packFile) bool {
		gone := l.r.present(p.File) != nil
		if gone {
			dropped = append(dropped, p)
			if e := os.Rename(l.r.file(p.Name), l.r.file(p.Name+asideSuffix)); e != nil && !errors.Is(e, os.ErrNotExist) {
				err = e
			}
		}
		return gone
	})
	return dropped, err
}

// aside lists the packs of a lineage that were put aside.
func (r *Repository) aside(dir string) (names []string) {
	entries, _ := os.ReadDir(r.file(dir)) // whoever needs the folder says what is wrong with it
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), asideSuffix) {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	return names
}

// paths are the packs' files.
func (l *lineage) paths() []string {
	list := make([]string, len(l.list.Packs))
	for i, p := range l.list.Packs {
		list[i] = l.r.file(p.Name)
	}
	return list
}

// lineageName names the nth lineage of a mail.db, by what its EMAILIDs are made with.
func lineageName(objects uint64, n int) string {
	return strconv.FormatUint(objects, 36) + "-" + strconv.Itoa(n)
}

// lineages lists the folders of all lineages.
func (r *Repository) lineages() (dirs []string, err error) {
	accounts, err := os.ReadDir(r.file("accounts"))
	for _, a := range accounts {
		list, err := os.ReadDir(r.file(path.Join("accounts", a.Name())))
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			dirs = append(dirs, path.Join("accounts", a.Name(), l.Name()))
		}
	}
	return dirs, err
}

// next names the lineage after one.
func next(lineage string) string {
	objects, digits, _ := strings.Cut(lineage, "-")
	n, _ := strconv.Atoi(digits) // of lineageName
	return objects + "-" + strconv.Itoa(n+1)
}

// lastLineage is the number of the latest lineage of a mail.db, 0 when there is none.
func (r *Repository) lastLineage(account string, objects uint64) (last int, err error) {
	entries, err := os.ReadDir(r.file(path.Join("accounts", account)))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	for _, e := range entries {
		_, digits, _ := strings.Cut(e.Name(), "-")
		if n, err := strconv.Atoi(digits); err == nil && e.Name() == lineageName(objects, n) {
			last = max(last, n)
		}
	}
	return last, err
}
