package backup

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"satchel/storage"
)

// account copies what is new of an account, and begins anew when an erasure has put another file in the place of its
// mail.db meanwhile.
func (j *job) account(info storage.DirectoryAccount) (a Account, err error) {
	for range 5 {
		if a, err = j.attempt(info); !errors.Is(err, storage.ErrExchanged) {
			break
		}
	}
	return a, err
}

func (j *job) attempt(info storage.DirectoryAccount) (Account, error) {
	a := Account{ID: info.Folder, Name: info.Name}
	before := j.before[a.ID]
	mail := filepath.Join(j.data, "accounts", a.ID, "mail.db")
	hasMail := info.HasMail || before != nil && before.Lineage != ""
	stamp, err := stampOf(mail)
	switch {
	case errors.Is(err, os.ErrNotExist) && !hasMail:
		return a, nil // nobody has opened the account yet
	case err != nil:
		return a, source(err)
	case before != nil && stamp != "" && stamp == before.Stamp && j.r.intact(before):
		a = *before
		a.Name = info.Name
		return a, nil
	}
	a.Stamp = stamp
	k, err := storage.OpenCopier(mail)
	if err != nil {
		return a, source(err)
	}
	defer k.Close()
	if fresh, err := k.IsNew(); fresh || err != nil {
		if hasMail {
			err = errors.Join(err, fmt.Errorf("%s is empty", mail))
		}
		a.Stamp = ""
		return a, source(err)
	}
	l, err := j.lineage(k, &a)
	if err != nil {
		return a, err
	}
	err = j.copyAccount(k, l, &a, before)
	if errors.Is(err, errIncomplete) && before != nil && before.Lineage == a.Lineage && a.Lacks != before.Lacks {
		j.watch.Warn(fmt.Sprintf("account %s: %d messages are not in the backup where they should be; all are copied again", a.Name, a.Lacks))
		if l, err = j.begin(&a, next(a.Lineage)); err == nil {
			err = j.copyAccount(k, l, &a, nil)
		}
	}
	if errors.Is(err, errIncomplete) {
		j.watch.Warn(fmt.Sprintf("account %s: %d messages have no bytes in mail.db; satchel check tells which", a.Name, a.Lacks))
		err = nil
	}
	return a, err
}

// lineage finds the packs to go on with, which may be those of a run that was interrupted, or begins anew when the
// mail.db is not the one that they were made of.
func (j *job) lineage(k *storage.Copier, a *Account) (*lineage, error) {
	objects, err := k.Objects()
	if err != nil {
		return nil, source(err)
	}
	n, err := j.r.lastLineage(a.ID, objects)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return j.begin(a, lineageName(objects, 1))
	}
	a.Lineage = lineageName(objects, n)
	l, err := j.r.openLineage(a.dir())
	if err != nil {
		return nil, err
	}
	if l.found {
		j.watch.Warn(a.dir() + ": its list of packs was damaged or missing; it is made of those that are there")
		if err := l.save(); err != nil {
			return nil, err
		}
	}
	dropped, err := l.drop()
	if err != nil {
		return nil, err
	}
	for _, p := range dropped {
		j.watch.Warn(p.Name + ": damaged or missing; its messages are copied again, as far as they are still there")
	}
	same, err := continues(k, l)
	if err != nil || same {
		return l, source(err)
	}
	j.watch.Warn(fmt.Sprintf("account %s: its mail.db was replaced by another one since the last run; all is copied again", a.Name))
	return j.begin(a, lineageName(objects, n+1))
}

// continues reports whether a mail.db is the one that packs were made of, as it is some time later: IDs have not gone
// back, and the latest messages are the same.
func continues(k *storage.Copier, l *lineage) (bool, error) {
	n := len(l.list.Packs)
	if n == 0 {
		return true, nil
	}
	last := l.list.Packs[n-1]
	if _, given, err := k.LastMessage(); err != nil || given < last.Last {
		return false, err
	}
	return k.SamePack(l.r.file(last.Name))
}

// begin begins a lineage.
func (j *job) begin(a *Account, name string) (*lineage, error) {
	a.Lineage = name
	if err := storage.MakeFolder(j.r.file(a.dir())); err != nil {
		return nil, err
	}
	l := &lineage{r: j.r, dir: a.dir(), list: packList{Format: format}}
	return l, l.save()
}

// errIncomplete says that a state names messages that no pack has.
var errIncomplete = errors.New("messages are missing")

// copyAccount copies the messages that no pack has, and the state.
func (j *job) copyAccount(k *storage.Copier, l *lineage, a, before *Account) error {
	state := j.r.file("tmp/state.db")
	if err := os.RemoveAll(state); err != nil {
		return err
	}
	defer os.Remove(state)
	c := &copying{job: j, name: a.Name, from: k, to: l}
	if err := c.copy(state); err != nil {
		return err
	}
	var err error
	if a.Messages, a.Bytes, err = storage.StateTotals(state); err != nil {
		return err
	}
	if a.State, err = j.keepState(l, before, state); err != nil {
		return err
	}
	if a.Lacks, err = lacking(l.paths(), state); err != nil {
		return err
	}
	if a.Lacks > 0 {
		return errIncomplete
	}
	return l.merge(j.ctx)
}

// lacking counts the messages that a state needs and packs do not have with their sizes.
func lacking(packs []string, state string) (int64, error) {
	needs, err := storage.NewNeeds()
	if err != nil {
		return 0, err
	}
	defer needs.Close()
	for _, p := range packs {
		if err := needs.Find(p); err != nil {
			return 0, err
		}
	}
	return needs.Missing(state)
}

// intact looks whether all files that an account needs are there.
func (r *Repository) intact(a *Account) bool {
	absent := func(f File) bool { return r.present(f) != nil }
	if slices.ContainsFunc(a.State, absent) {
		return false
	}
	var list packList
	if err := r.readSealed(path.Join(a.dir(), packListFile), &list); err != nil {
		return false
	}
	return !slices.ContainsFunc(list.Packs, func(p packFile) bool { return absent(p.File) })
}
