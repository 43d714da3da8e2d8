package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/server/control"
)

func (p *program) eraseCommand() *cobra.Command {
	var l lostMail
	var yes bool
	c := &cobra.Command{
		Use:   "erase ACCOUNT (ID ... | --all)",
		Short: "Erase expunged messages for good",
		Long: "Expunged messages are kept for a while, so that \"satchel undelete\" can bring them back; it lists them with their\n" +
			"IDs. This erases some at once, or with --all all that the other flags pick: their rows, their words in the search\n" +
			"index, and what SQLite would leave in unused parts of the files. A message that is in a mailbox must be expunged\n" +
			"first. Copies elsewhere, as in backups, are not this command's to find.\n\n" +
			"The account's mail.db is written anew for that, however little is erased, which takes time and room for a second\n" +
			"one: mail for the account waits meanwhile, and its sessions can read. The search index is made anew in the\n" +
			"background. What is interrupted, even by a crash, the server finishes later.\n\n" +
			"\"satchel account remove\" erases all of an account.",
		Example: "  satchel erase alice@example.org 4711\n" +
			"  satchel erase alice@example.org --all --from ben@example.net",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := l.filter(args[1:], time.Now())
			if err != nil {
				return err
			}
			if !l.all && f.IDs == nil {
				return usageError{errors.New("which messages? Give their IDs (\"satchel undelete\" shows them), or --all")}
			}
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				info, err := a.Account(args[0])
				if err != nil {
					return err
				}
				return p.erase(cmd.Context(), a, info.Name, f, yes)
			})
		},
	}
	l.flags(c)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (p *program) erase(ctx context.Context, a control.Admin, account string, f backend.ExpungedFilter, yes bool) error {
	var named backend.ExpungedPage
	if f.IDs != nil {
		var err error
		if named, err = a.Expunged(ctx, account, f, backend.MaxExpungedPage); err != nil {
			return err
		}
	}
	agree := func(n int) error { return confirm(ctx, yes, counted(n, "message"), account) }
	g := p.stepping("erased")
	n, err := a.Erase(ctx, account, f, agree, func(done, total int) error {
		g.step(done, total)
		if done == total && p.interactive() {
			g.Line("writing mail.db anew")
		}
		return nil
	})
	g.end()
	switch {
	case errors.Is(err, backend.ErrShared):
		return fmt.Errorf("%w: is a backup or a check under way? The server tries again every hour", err)
	case err != nil:
		return err
	}
	fmt.Fprintf(p.out, "erased %s for good\n", counted(n, "message"))
	return notKept(f.IDs, named)
}

// notKept are the IDs of which nothing was there to erase. One that is mistyped leaves a message that must be gone.
func notKept(ids []backend.MessageID, page backend.ExpungedPage) error {
	var errs []error
	for _, id := range ids {
		is := func(m backend.ExpungedMessage) bool { return m.ID == id }
		if !page.More && !slices.ContainsFunc(page.Messages, is) {
			errs = append(errs, fmt.Errorf("message %d: not found: it was erased before, is in a mailbox, or never was there", id))
		}
	}
	return errors.Join(errs...)
}
