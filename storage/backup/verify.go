package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Verified counts what was found sound or not.
type Verified struct {
	Runs     int
	Files    int
	Bytes    int64
	Problems int
}

// verifying is a verification under way.
type verifying struct {
	r      *Repository
	tmp    string
	deep   bool
	each   func(text string)
	result Verified
	seen   map[string]bool // files, and states by the last of theirs
	sound  map[string]bool // of the files seen
}

// Verify reads every file that a run needs, compares it with what was written, and makes sure that each message of each run
// is there; with deep it unpacks each of them. each is told of every problem; the error is for what kept it from looking.
func (r *Repository) Verify(ctx context.Context, deep bool, each func(text string)) (Verified, error) {
	tmp, err := os.MkdirTemp("", "satchel-verify-")
	if err != nil {
		return Verified{}, err
	}
	defer os.RemoveAll(tmp)
	v := &verifying{r: r, tmp: tmp, deep: deep, each: each, seen: map[string]bool{}, sound: map[string]bool{}}
	runs, damaged, err := r.Runs()
	if err != nil {
		return v.result, err
	}
	for _, err := range damaged {
		v.problem(err)
	}
	v.result.Runs = len(runs)
	if len(runs)+len(damaged) == 0 {
		v.problem(fmt.Errorf("%s: there is no run", r.path))
	}
	for _, run := range runs {
		v.directory(run)
		for i := range run.Accounts {
			if err := ctx.Err(); err != nil {
				return v.result, err
			}
			if a := &run.Accounts[i]; a.Failed == "" && a.Lineage != "" {
				v.account(run, a)
			}
		}
	}
	return v.result, ctx.Err()
}

func (v *verifying) problem(err error) {
	v.result.Problems++
	v.each(err.Error())
}

// file verifies a file once, and says whether it is sound.
func (v *verifying) file(f File) bool {
	if !v.seen[f.Name] {
		v.seen[f.Name] = true
		err := v.r.verify(f)
		if err == nil {
			v.sound[f.Name] = true
		} else {
			v.problem(err)
		}
		v.result.Files++
		v.result.Bytes += f.Size
	}
	return v.sound[f.Name]
}

// directory verifies the directory.db of a run.
func (v *verifying) directory(run *Run) {
	if first := !v.seen[run.Directory.Name]; !v.file(run.Directory) || !first {
		return
	}
	if err := v.r.Directory(run, filepath.Join(v.tmp, "directory.db")); err != nil {
		v.problem(err)
	}
}

// account verifies the files of an account, and that its state has all messages.
func (v *verifying) account(run *Run, a *Account) {
	packs := v.packs(a.dir())
	whole := true
	for _, f := range a.State {
		whole = v.file(f) && whole
	}
	last := a.State[len(a.State)-1].Name
	if !whole || v.seen["state "+last] {
		return
	}
	v.seen["state "+last] = true
	state := filepath.Join(v.tmp, "state.db")
	err := v.r.state(a, state)
	if err != nil {
		v.problem(err)
		return
	}
	missing, err := lacking(packs, state)
	switch {
	case err != nil:
		v.problem(err)
	case missing > a.Lacks:
		err = fmt.Errorf("run %d, account %s: %w: %d messages are missing", run.Number, a.Name, ErrDamaged, missing-a.Lacks)
		if aside := v.r.aside(a.dir()); len(aside) > 0 {
			err = fmt.Errorf("%w; what can be read of %s comes back", err, strings.Join(aside, ", "))
		}
		v.problem(err)
	}
}

// packs verifies the packs of a lineage, and returns the sound ones.
func (v *verifying) packs(dir string) (sound []string) {
	var list packList
	if err := v.r.readSealed(dir+"/"+packListFile, &list); err != nil && !v.seen[dir] {
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%s/%s: %w: it is missing", dir, packListFile, ErrDamaged)
		}
		v.problem(err)
	}
	l, err := v.r.openLineage(dir)
	if err != nil {
		if !v.seen[dir] {
			v.problem(err)
		}
		l = &lineage{r: v.r}
	}
	for _, p := range l.list.Packs {
		first := !v.seen[p.Name]
		if !v.file(p.File) {
			continue
		}
		if first {
			if err := checkPack(v.r.file(p.Name), v.deep); err != nil {
				v.problem(err)
				v.sound[p.Name] = false
				continue
			}
		}
		sound = append(sound, v.r.file(p.Name))
	}
	v.seen[dir] = true
	return sound
}
