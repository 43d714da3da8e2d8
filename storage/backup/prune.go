package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"satchel/storage"
)

// Pruned says what a prune has taken away.
type Pruned struct {
	Runs     int // that are gone
	Kept     int
	Messages int64 // that were in no run any more
	Before   int64 // bytes of the repository
	After    int64
}

// wasteful is which part of a pack's bytes must be of messages that nobody needs for it to be written anew, as one in so
// many.
const wasteful = 5

// Prune deletes the runs that no rule keeps, and what only they needed. A pack is written anew without its messages that no
// run needs when they are a good part of it; with thorough, when there is one. An interrupted prune leaves a sound
// repository, and the next one does the rest.
func (r *Repository) Prune(ctx context.Context, k Keep, thorough bool) (p Pruned, err error) {
	runs, damaged, err := r.Runs()
	if err = errors.Join(append(damaged, err)...); err != nil { // it is not known what is needed
		return p, err
	}
	if p.Before, err = r.size(); err != nil {
		return p, err
	}
	kept := k.kept(runs, time.Local)
	var numbers []int
	for _, run := range kept {
		numbers = append(numbers, run.Number)
	}
	if err := r.list(numbers); err != nil {
		return p, err
	}
	for _, run := range runs {
		if slices.Contains(kept, run) {
			continue
		}
		if err := os.Remove(r.file(runName(run.Number))); err != nil {
			return p, err
		}
		p.Runs++
	}
	p.Kept = len(kept)
	if err := storage.SyncFile(r.file("runs")); err != nil {
		return p, err
	}
	if err := r.sweep(kept, true); err != nil {
		return p, err
	}
	if p.Messages, err = r.prunePacks(ctx, kept, thorough); err != nil {
		return p, err
	}
	p.After, err = r.size()
	return p, err
}

// WouldKeep returns the runs that Prune would delete and keep.
func (r *Repository) WouldKeep(k Keep) (gone, kept []*Run, err error) {
	runs, damaged, err := r.Runs()
	kept = k.kept(runs, time.Local)
	for _, run := range runs {
		if !slices.Contains(kept, run) {
			gone = append(gone, run)
		}
	}
	return gone, kept, errors.Join(append(damaged, err)...)
}

// prunePacks deletes lineages that no run needs, and goes through the others.
func (r *Repository) prunePacks(ctx context.Context, kept []*Run, thorough bool) (messages int64, err error) {
	states := map[string]map[string]*Account{} // of each lineage, by its last file
	for _, run := range kept {
		for i := range run.Accounts {
			a := &run.Accounts[i]
			if a.Failed != "" || a.Lineage == "" {
				continue
			}
			if states[a.dir()] == nil {
				states[a.dir()] = map[string]*Account{}
			}
			states[a.dir()][a.State[len(a.State)-1].Name] = a
		}
	}
	dirs, err := r.lineages()
	if err != nil {
		return 0, err
	}
	for _, dir := range dirs {
		if states[dir] == nil {
			err = r.removeLineage(dir)
		} else {
			var n int64
			n, err = r.pruneLineage(ctx, dir, slices.Collect(maps.Values(states[dir])), thorough)
			messages += n
		}
		if err != nil {
			return messages, err
		}
	}
	return messages, nil
}

// removeLineage deletes all of a lineage.
func (r *Repository) removeLineage(dir string) error {
	if err := r.clear(dir); err != nil {
		return err
	}
	if err := os.Remove(r.file(dir)); err != nil {
		return fmt.Errorf("%s: something else is in it: %w", dir, err)
	}
	err := os.Remove(filepath.Dir(r.file(dir)))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil // another lineage of the account is still there
	}
	return err
}

// pruneLineage writes packs anew that have too much that no state needs.
func (r *Repository) pruneLineage(ctx context.Context, dir string, states []*Account, thorough bool) (messages int64, err error) {
	l, err := r.openLineage(dir)
	if err != nil {
		return 0, err
	}
	needs, err := storage.NewNeeds()
	if err != nil {
		return 0, err
	}
	defer needs.Close()
	state := r.file("tmp/needed.db")
	defer os.Remove(state)
	aside, lacks := r.aside(dir), int64(0)
	for _, a := range states {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		err := r.state(a, state)
		if err == nil {
			err = needs.Add(state)
		}
		if err == nil && len(aside) > 0 {
			var n int64
			n, err = lacking(l.paths(), state)
			lacks += n
		}
		if err != nil {
			return 0, fmt.Errorf("account %s: %w", a.Name, err)
		}
	}
	for _, name := range aside {
		if lacks > 0 && !thorough {
			break
		}
		if err := os.Remove(r.file(name)); err != nil {
			return 0, err
		}
	}
	for i := len(l.list.Packs) - 1; i >= 0; i-- {
		p := l.list.Packs[i]
		n, err := needs.Unneeded(r.file(p.Name))
		if err != nil {
			return messages, err
		}
		if n.Messages == 0 || !thorough && n.Messages < p.Count.Messages && n.Bytes*wasteful < p.Count.Bytes {
			continue
		}
		err = l.replace(i, i+1, func(tmp string, packs []string, small bool) (storage.PackCount, error) {
			return needs.Repack(ctx, tmp, packs, small)
		})
		if err != nil {
			return messages, err
		}
		messages += n.Messages
	}
	return messages, nil
}

// size is the bytes of all files.
func (r *Repository) size() (total int64, err error) {
	err = filepath.WalkDir(r.path, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}
