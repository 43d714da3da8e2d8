package main

import (
	"context"
	"errors"
	"fmt"

	"satchel/cmd/satchel/restore"
	"satchel/storage/backup"
)

var errNotRestored = errors.New("interrupted; nothing was restored")

// restoreAll fills an empty data folder.
func (p *program) restoreAll(ctx context.Context, repo *backup.Repository, run *backup.Run, data string, r *restoring) error {
	messages, _ := run.Totals()
	g := p.counting("restored", messages)
	w := restore.Whole{Repository: repo, Run: run, NewUIDValidity: r.newUIDValidity, Report: g}
	list, err := w.All(ctx, data)
	g.end()
	switch {
	case errors.Is(err, restore.ErrHasAccounts):
		return fmt.Errorf("%w: --account restores one of them, or messages of one; to restore all, name an empty folder with --data or move this one away", err)
	case errors.Is(err, context.Canceled):
		return errNotRestored
	}
	var errs []error
	total := int64(0)
	for _, done := range list {
		total += done.Messages
		if err := p.tell(done); err != nil {
			errs = append(errs, err)
		}
	}
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	fmt.Fprintf(p.out, "run %d: %s, %s restored into %s\n", run.Number, counted(len(run.Accounts), "account"), counted(total, "message"), data)
	return errors.Join(errs...)
}

// tell prints what could not be brought back of an account, and returns it as an error.
func (p *program) tell(done restore.Outcome) error {
	if done.Err != nil {
		return fmt.Errorf("account %s: %w", done.Name, done.Err)
	}
	for _, text := range done.Problems {
		fmt.Fprintf(p.errOut, "%s: %s\n", done.Name, text)
	}
	switch {
	case done.Lost > 0:
		return fmt.Errorf("account %s: %d messages are not in the backup", done.Name, done.Lost)
	case len(done.Problems) > 0:
		return fmt.Errorf("account %s: the backup is damaged; what could be read is restored", done.Name)
	}
	return nil
}
