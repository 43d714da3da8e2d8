package backup

import (
	"errors"
	"os"
	"path"
	"strings"
)

// sweep clears away what no run needs: what was interrupted, and, when all manifests are known, states and directories of
// runs that are gone.
func (r *Repository) sweep(runs []*Run, all bool) error {
	if err := r.clear("tmp"); err != nil {
		return err
	}
	needed := map[string]bool{}
	for _, run := range runs {
		for _, f := range run.files() {
			needed[f.Name] = true
		}
	}
	lineages, err := r.lineages()
	if err != nil {
		return err
	}
	for _, dir := range lineages {
		if err := r.sweepLineage(dir, needed, all); err != nil {
			return err
		}
	}
	if err := r.remove("runs", func(name string) bool { return strings.HasSuffix(name, newSuffix) }); err != nil {
		return err
	}
	return r.remove("directory", func(name string) bool { return all && strings.HasSuffix(name, ".zst") && !needed[name] })
}

// sweepLineage clears away packs that a merge has replaced, and states that nobody needs.
func (r *Repository) sweepLineage(dir string, needed map[string]bool, all bool) error {
	var list packList
	err := r.readSealed(path.Join(dir, packListFile), &list)
	known := err == nil
	if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, p := range list.Packs {
		needed[p.Name] = true
	}
	return r.remove(dir, func(name string) bool {
		switch {
		case strings.HasSuffix(name, ".pack"):
			return known && !needed[name]
		case strings.HasSuffix(name, ".zst"):
			return all && !needed[name]
		}
		return strings.HasSuffix(name, newSuffix)
	})
}

// remove deletes those files of a folder that a function picks, by their names in the repository.
func (r *Repository) remove(dir string, pick func(name string) bool) error {
	entries, err := os.ReadDir(r.file(dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if !e.Type().IsRegular() || !pick(name) {
			continue
		}
		if err := os.Remove(r.file(name)); err != nil {
			return err
		}
	}
	return nil
}

// clear empties a folder of the repository's own files.
func (r *Repository) clear(dir string) error {
	return r.remove(dir, func(string) bool { return true })
}
