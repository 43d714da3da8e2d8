package main

import (
	"context"
	"errors"
	"fmt"

	"satchel/backend"
	"satchel/cmd/satchel/restore"
	"satchel/server/control"
	"satchel/storage/backup"
)

// restoreAccount brings back an account that is gone, or the mail of one that has lost it, or puts a copy beside it.
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
		if info, err := admin.Account(name); err == nil && info.MailGone && r.as == "" {
			fmt.Fprintf(p.errOut, "%s: its mail is not there any more, and is put back; passwords and addresses stay as they are\n", info.Name)
		} else if err == nil {
			return fmt.Errorf("account %q %w: --mailbox \"*\" brings back the messages that it has lost, --as NAME puts a copy beside it", info.Name, backend.ErrExists)
		} else if !errors.Is(err, backend.ErrNotFound) {
			return err
		}
		g := p.counting(a.Name+": restored", a.Messages)
		w := restore.Whole{Repository: repo, Run: run, NewUIDValidity: r.newUIDValidity, Report: g}
		adopted, done, err := w.Account(ctx, a, admin, data, name, r.as != "")
		g.end()
		if errors.Is(err, context.Canceled) {
			return errNotRestored
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s: %s restored from run %d\n", adopted.Name, counted(done.Messages, "message"), run.Number)
		for _, address := range adopted.Taken {
			fmt.Fprintf(p.errOut, "%s: the address %s belongs to another account by now\n", adopted.Name, address)
		}
		return p.tell(restore.Outcome{Name: adopted.Name, Restored: done})
	})
}
