package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"satchel/storage"
)

// Watcher is told how a run goes. Its methods return soon.
type Watcher interface {
	// Account says that an account is being copied, with about so many messages to copy.
	Account(name string, messages int64)
	// Copied says that messages have been copied.
	Copied(storage.PackCount)
	// Warn tells of something that is not as it should be, and what has been done about it.
	Warn(text string)
}

// job is a run being made.
type job struct {
	ctx      context.Context
	r        *Repository
	data     string
	watch    Watcher
	run      *Run
	previous *Run                // the one before, nil for none
	before   map[string]*Account // of each account, the last copy
}

// Back copies what is new in a data folder, and adds a run. An account that cannot be read is named in the run, with what
// is wrong, and the others are copied; a run with none of them is an error.
func (r *Repository) Back(ctx context.Context, data string, watch Watcher) (*Run, error) {
	j := &job{ctx: ctx, r: r, data: data, watch: watch, before: map[string]*Account{}}
	if err := j.prepare(); err != nil {
		return nil, err
	}
	accounts, err := j.directory()
	if err != nil {
		return nil, err
	}
	failed := 0
	for _, info := range accounts {
		a, err := j.account(info)
		var source sourceError
		if errors.As(err, &source) && ctx.Err() == nil {
			a.Failed, err = source.Error(), nil
			failed++
		}
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", info.Name, err)
		}
		j.run.Accounts = append(j.run.Accounts, a)
	}
	if failed > 0 && failed == len(accounts) {
		return nil, fmt.Errorf("no account could be copied: %s: %s", j.run.Accounts[0].Name, j.run.Accounts[0].Failed)
	}
	j.run.Ended = time.Now().UTC()
	if err := r.writeSealed(runName(j.run.Number), j.run); err != nil {
		return nil, err
	}
	there, err := r.numbers()
	if err == nil {
		err = r.list(there)
	}
	return j.run, err
}

// prepare finds out what there is already, and clears away what an interrupted run has left.
func (j *job) prepare() error {
	runs, damaged, err := j.r.Runs()
	if err != nil {
		return err
	}
	for _, err := range damaged {
		j.watch.Warn(err.Error() + "; the other runs are not concerned")
	}
	for _, run := range runs {
		for i := range run.Accounts {
			if a := &run.Accounts[i]; a.Failed == "" {
				j.before[a.ID] = a
			}
		}
		j.previous = run
	}
	there, err := j.r.numbers()
	if err != nil {
		return err
	}
	listed, _ := j.r.listed() // Runs has told what is wrong with it
	number := 1
	if all := union(there, listed); len(all) > 0 {
		number = all[len(all)-1] + 1
	}
	j.run = &Run{Format: format, Number: number, Began: time.Now().UTC()}
	return j.r.sweep(runs, len(damaged) == 0)
}

// directory copies directory.db, unless it is as it was, and returns the accounts in it.
func (j *job) directory() ([]storage.DirectoryAccount, error) {
	tmp := j.r.file("tmp/directory.db")
	if err := os.RemoveAll(tmp); err != nil {
		return nil, err
	}
	if err := storage.CopyDirectory(j.ctx, filepath.Join(j.data, "directory.db"), tmp); err != nil {
		return nil, err
	}
	defer os.Remove(tmp)
	accounts, err := storage.ReadDirectory(tmp)
	if err != nil {
		return nil, err
	}
	raw, err := measure(tmp, "")
	if err != nil {
		return nil, err
	}
	name := "directory/" + raw.Sum[:16] + ".db.zst"
	if p := j.previous; p != nil && p.Directory.Name == name && j.r.verify(p.Directory) == nil {
		j.run.Directory = p.Directory
		return accounts, nil
	}
	j.run.Directory, err = j.r.compress(tmp, name)
	j.run.Added.Bytes += j.run.Directory.Size
	return accounts, err
}

// sourceError is trouble with the data folder, not with the repository.
type sourceError struct{ error }

func (e sourceError) Unwrap() error { return e.error }

// source marks an error of reading the data folder. That a disk is full can only be the repository's.
func source(err error) error {
	if err == nil || errors.Is(err, storage.ErrFull) {
		return err
	}
	return sourceError{err}
}
