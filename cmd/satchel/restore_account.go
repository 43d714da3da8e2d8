package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"satchel/backend"
	"satchel/server/control"
	"satchel/storage"
	"satchel/storage/backup"
)

// restoreAccount brings back an account that is gone, or puts a copy beside it.
func (p *program) restoreAccount(ctx context.Context, repo *backup.Repository, run *backup.Run, data string, r *restoring) error {
	a, err := run.Account(r.account)
	if err != nil {
		return err
	}
	name := r.account
	if r.as != "" {
		name = r.as
	}
	return p.withAdmin(ctx, false, func(admin control.Admin) error {
		if info, err := admin.Account(name); err == nil {
			return fmt.Errorf("account %q %w: --mailbox \"*\" brings back the messages that it has lost, --as NAME puts a copy beside it", info.Name, backend.ErrExists)
		} else if !errors.Is(err, backend.ErrNotFound) {
			return err
		}
		tmp, err := backend.NewAdoption(data)
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		done, err := p.assemble(ctx, repo, run, a, tmp, r)
		if err != nil {
			return err
		}
		adopted, err := admin.AdoptAccount(control.Adoption{From: filepath.Base(tmp), Name: a.Name, As: name})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s: %d messages restored from run %d\n", adopted.Name, done.Messages, run.Number)
		for _, address := range adopted.Taken {
			fmt.Fprintf(p.errOut, "%s: the address %s belongs to another account by now\n", adopted.Name, address)
		}
		return p.tell(adopted.Name, done)
	})
}

// assemble makes the files that AdoptAccount takes.
func (p *program) assemble(ctx context.Context, repo *backup.Repository, run *backup.Run, a *backup.Account, tmp string, r *restoring) (done backup.Restored, err error) {
	if err := repo.Directory(run, filepath.Join(tmp, "directory.db")); err != nil || a.Lineage == "" {
		return done, err
	}
	g := p.counting(a.Name+": restored", a.Messages)
	defer g.end()
	done, err = repo.Mail(ctx, a, filepath.Join(tmp, "mail.db"), r.advance(run),
		func(n storage.PackCount) { g.reach(g.messages + int(n.Messages)) })
	if ctx.Err() != nil {
		err = errors.New("interrupted; nothing was restored")
	}
	return done, err
}
