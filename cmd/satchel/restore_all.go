package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"satchel/backend"
	"satchel/storage"
	"satchel/storage/backup"
)

// restoreAll fills an empty data folder. The accounts come first and directory.db last: without it there are none.
func (p *program) restoreAll(ctx context.Context, repo *backup.Repository, run *backup.Run, data string, r *restoring) error {
	lock, err := backend.Claim(data)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := nothingIn(data); err != nil {
		return err
	}
	tmp, err := backend.NewAdoption(data)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	messages, _ := run.Totals()
	g := p.counting("restored", messages)
	defer g.end()
	var errs []error
	total := int64(0)
	for i := range run.Accounts {
		done, err := p.restoreMail(ctx, repo, run, run.Accounts[i].ID, tmp, r, g)
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted; nothing was restored")
		case errors.Is(err, storage.ErrFull):
			return fmt.Errorf("%w; nothing was restored", err)
		}
		total += done.Messages
		if err != nil {
			errs = append(errs, fmt.Errorf("account %s: %w", run.Accounts[i].Name, err))
		} else if err := p.tell(run.Accounts[i].Name, done); err != nil {
			errs = append(errs, err)
		}
	}
	if err := repo.Directory(run, filepath.Join(tmp, "directory.db")); err != nil {
		return errors.Join(append(errs, err)...)
	}
	if err := moveAll(run, tmp, data); err != nil {
		return errors.Join(append(errs, err)...)
	}
	g.end()
	fmt.Fprintf(p.out, "run %d: %d accounts, %d messages restored into %s\n", run.Number, len(run.Accounts), total, data)
	return errors.Join(errs...)
}

// nothingIn refuses a data folder with accounts or mail.
func nothingIn(data string) error {
	_, err := os.Stat(filepath.Join(data, "directory.db"))
	if err == nil {
		return fmt.Errorf("%s has accounts already: --account restores one of them, or messages of one; to restore all, name an empty folder with --data or move this one away", data)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	accounts, err := os.ReadDir(filepath.Join(data, "accounts"))
	for _, a := range accounts {
		mail := filepath.Join(data, "accounts", a.Name(), "mail.db")
		if _, err := os.Stat(mail); !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s holds mail, such as %s: move it away first", data, mail)
		}
	}
	return err
}

// restoreMail puts together the mail of an account, from its last copy, or the last before it whose state is not damaged.
func (p *program) restoreMail(ctx context.Context, repo *backup.Repository, run *backup.Run, id, tmp string, r *restoring, g *progress) (done backup.Restored, err error) {
	var damage []string
	for last := run; ; {
		a, from, err := repo.LastCopy(last, id)
		if err != nil {
			return done, errors.New(strings.Join(append(damage, "no run has its mail"), "; "))
		}
		if from != run {
			g.Line("account %s: run %d has no good copy of it; what follows is from run %d", a.Name, run.Number, from.Number)
		}
		if a.Lineage != "" {
			done, err = repo.Mail(ctx, a, filepath.Join(tmp, id+".db"), r.advance(from), func(n storage.PackCount) { g.reach(g.messages + int(n.Messages)) })
		}
		if errors.Is(err, backup.ErrDamaged) {
			damage = append(damage, err.Error())
			if last, err = repo.Before(from); err == nil {
				continue
			}
			err = errors.New(strings.Join(damage, "; "))
			damage = nil
		}
		done.Problems = append(damage, done.Problems...)
		return done, err
	}
}

// moveAll puts what was restored in its place.
func moveAll(run *backup.Run, tmp, data string) error {
	for i := range run.Accounts {
		id := run.Accounts[i].ID
		file := filepath.Join(tmp, id+".db")
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			continue
		}
		home := filepath.Join(data, "accounts", id)
		if err := os.MkdirAll(home, 0o700); err != nil {
			return err
		}
		if err := os.Rename(file, filepath.Join(home, "mail.db")); err != nil {
			return err
		}
		if err := storage.SyncFile(home); err != nil {
			return err
		}
	}
	if err := storage.SyncFile(filepath.Join(data, "accounts")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(tmp, "directory.db"), filepath.Join(data, "directory.db")); err != nil {
		return err
	}
	return storage.SyncFile(data)
}
