package backup

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// identify makes the file anew that says what a repository is, if it is one, and of the data folder that the source names: by
// the last copy of directory.db that is sound. ErrNoBackup when it has no runs.
func identify(path, source string) (*Repository, error) {
	old, err := Open(path, false)
	if err != nil {
		return nil, err
	}
	lost := old.nameless
	old.Close()
	r := &Repository{path: path, nameless: lost}
	if err := r.acquire(true); err != nil {
		return nil, err
	}
	if err = r.comesFrom(source); err == nil {
		err = r.writeSealed(identityFile, identity{format, source})
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// comesFrom looks whether a repository that does not say so is the one of a data folder.
func (r *Repository) comesFrom(source string) error {
	tmp, err := os.MkdirTemp("", "satchel-backup-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	runs, _, err := r.Runs()
	for _, run := range slices.Backward(runs) {
		if r.extract(run.Directory, filepath.Join(tmp, "directory.db")) != nil {
			continue // an earlier one may be sound
		}
		if found, err := sourceOf(tmp); err != nil || found == source {
			return err
		}
		return fmt.Errorf("%s: %w: it is another one's", r.path, ErrForeign)
	}
	if err == nil {
		err = fmt.Errorf("%s: %w or missing, and nothing tells whose backup it is; name another folder", r.file(identityFile), ErrDamaged)
	}
	return err
}
