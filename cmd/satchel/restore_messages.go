package main

import (
	"context"
	"errors"
	"fmt"

	"satchel/cmd/satchel/restore"
	"satchel/server/control"
	"satchel/storage/backup"
)

// restoreMessages brings back those of the messages asked for that the account does not have.
func (p *program) restoreMessages(ctx context.Context, repo *backup.Repository, run *backup.Run, r *restoring) error {
	b, err := r.browse(repo, run)
	if err != nil {
		return err
	}
	defer b.Close()
	list, unread, err := restore.Pick(ctx, b, &r.wanted)
	if err != nil {
		return err
	}
	size, found := int64(0), false
	for i := range list {
		size += list[i].Bytes()
		found = found || len(list[i].Entries) > 0
	}
	if !found && unread == nil && r.filter.given() {
		return fmt.Errorf("run %d has no such message; --list shows which it has", run.Number)
	}
	return p.withAdmin(ctx, false, func(admin control.Admin) error {
		if _, err := admin.Account(r.account); err != nil {
			return fmt.Errorf("%w; without --mailbox and picking, the whole account is restored", err)
		}
		to := importTo{r.account, r.into}
		bar := p.progress("restored", size)
		done, err := restore.Into{Admin: admin, Account: to.account, Name: to.name, Report: bar}.Bring(ctx, b, list)
		bar.end()
		p.leftOut(done)
		fmt.Fprintf(p.out, "%s: %s restored, %d already there (%s)\n", r.account, counted(done.New, "message"), done.Present, bytesText(done.Bytes))
		switch n := len(done.Bad) + done.BadMore; {
		case err != nil && ctx.Err() != nil:
			err = errInterrupted
		case err == nil && n > 0:
			err = fmt.Errorf("%d could not be restored", n)
		}
		return errors.Join(err, unread)
	})
}
