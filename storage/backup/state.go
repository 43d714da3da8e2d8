package backup

import (
	"errors"
	"fmt"
	"os"
	"path"

	"satchel/storage"
)

// maxChain is how many files a state is in at most: each is needed for those after it.
const maxChain = 24

// keepState puts a state into the repository: as what has changed since the last run where that is less, and not at all
// when nothing has.
func (j *job) keepState(l *lineage, before *Account, state string) ([]File, error) {
	if before != nil && before.dir() == l.dir && len(before.State) > 0 && len(before.State) < maxChain {
		chain, err := j.keepChange(l, before, state)
		if chain != nil || err != nil {
			return chain, err
		}
	}
	f, err := j.r.compress(state, path.Join(l.dir, fmt.Sprintf("%06d.state.zst", j.run.Number)))
	j.run.Added.Bytes += f.Size
	return []File{f}, err
}

// keepChange returns nil when the whole state is to be kept: the one before is damaged or has other tables, or the changes
// together are as large as a state.
func (j *job) keepChange(l *lineage, before *Account, state string) ([]File, error) {
	old, change := j.r.file("tmp/old.db"), j.r.file("tmp/change.db")
	defer os.Remove(old)
	defer os.Remove(change)
	if err := j.r.state(before, old); err != nil {
		j.watch.Warn(err.Error() + "; the state of this run is kept whole")
		return nil, nil
	}
	rows, err := differences(change, old, state)
	if errors.Is(err, storage.ErrOtherSchema) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if rows == 0 {
		return before.State, nil
	}
	size := int64(0)
	for _, f := range before.State[1:] {
		size += f.Size
	}
	if size > before.State[0].Size {
		return nil, nil
	}
	f, err := j.r.compress(change, path.Join(l.dir, fmt.Sprintf("%06d.change.zst", j.run.Number)))
	if err != nil {
		return nil, err
	}
	if err := storage.PatchState(old, change); err != nil {
		return nil, err
	}
	if rows, err := differences(change, old, state); err != nil || rows > 0 {
		return nil, errors.Join(err, fmt.Errorf("%s: %w: %d rows are not what they should be", f.Name, ErrDamaged, rows))
	}
	j.run.Added.Bytes += f.Size
	return append(before.State[:len(before.State):len(before.State)], f), nil
}

// differences notes in a new file what makes one state another.
func differences(change, old, now string) (int64, error) {
	if err := os.RemoveAll(change); err != nil {
		return 0, err
	}
	return storage.DiffStates(change, old, now)
}

// state puts an account's state together in a new file.
func (r *Repository) state(a *Account, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if len(a.State) == 0 {
		return fmt.Errorf("account %s: %w: no state", a.Name, ErrDamaged)
	}
	if err := r.extract(a.State[0], to); err != nil {
		return err
	}
	change := to + ".change"
	defer os.Remove(change)
	for _, f := range a.State[1:] {
		if err := r.extract(f, change); err != nil {
			return err
		}
		if err := storage.PatchState(to, change); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}
