package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/server/control"
)

func (p *program) indexCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "index",
		Short: "Show how far the search index is, or make it anew",
		Long: "The search index says what words are in which messages, so that a search for a text need not read them all. It\n" +
			"is a file search.db beside each account's mail.db, made from that alone, and a running server keeps it up in the\n" +
			"background. One that is missing, damaged or does not belong to its mail.db is made anew without being asked for.\n\n" +
			"Searches find the same with and without it: what is not indexed yet is read, which takes longer. The key\n" +
			"search.index of the configuration switches it off.",
	}
	c.AddCommand(p.indexStatus(), p.indexRebuild())
	return c
}

func (p *program) indexStatus() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "status [ACCOUNT ...]",
		Short: "Show how far the search index of each account is",
		Long: "One line for each account, or for each one named: how many of the messages that were ever stored are indexed, and\n" +
			"what the index takes on disk. Below 100% a running server is at work on the rest.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				var list []indexJSON
				err := eachIndex(cmd.Context(), a, args, func(account string) error {
					s, err := a.IndexStatus(account)
					if err == nil {
						list = append(list, indexJSON(s))
					}
					return err
				})
				if errors.Is(err, backend.ErrNoIndex) {
					return err
				}
				return errors.Join(show(p.out, asJSON, list, "ACCOUNT\tINDEXED\t\tSEGMENTS\tSIZE", (*indexJSON).row), err)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// indexJSON is an account's index as --json prints it.
type indexJSON struct {
	Account  string `json:"account"`
	Messages uint64 `json:"messages"`
	Indexed  uint64 `json:"indexed"`
	Segments int    `json:"segments"`
	Size     int64  `json:"size_bytes"`
}

func (x *indexJSON) row() string {
	percent := uint64(100) // only when all is indexed
	if x.Messages > 0 {
		percent = x.Indexed * 100 / x.Messages
	}
	return fmt.Sprintf("%s\t%d of %d\t%d%%\t%d\t%s", x.Account, x.Indexed, x.Messages, percent, x.Segments, bytesText(x.Size))
}

func (p *program) indexRebuild() *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild [ACCOUNT ...]",
		Short: "Make the search index of each account anew",
		Long: "Makes the index of all accounts, or of those named, from the mail; nothing else changes, and clients can search\n" +
			"and mail can arrive meanwhile. It is never necessary for right answers, and a new or damaged index comes by\n" +
			"itself: this is for who wants to wait for it.\n\n" +
			"Ctrl-C interrupts. What is indexed by then is kept, and a running server does the rest in the background.",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return p.withAdmin(ctx, false, func(a control.Admin) error {
				return eachIndex(ctx, a, args, func(account string) error { return p.rebuildIndex(ctx, a, account) })
			})
		},
	}
}

func (p *program) rebuildIndex(ctx context.Context, a control.Admin, account string) error {
	s, err := a.IndexStatus(account)
	if err != nil {
		return err
	}
	g := p.counting(account+": indexed", int64(s.Messages))
	err = a.RebuildIndex(ctx, account, func(now backend.IndexStatus) error {
		s = now
		g.reach(int(s.Indexed))
		return nil
	})
	g.end()
	if err == nil {
		fmt.Fprintf(p.out, "%s: %d of %d messages indexed (%s)\n", account, s.Indexed, s.Messages, bytesText(s.Size))
	}
	return err
}

var errIndexInterrupted = errors.New("interrupted: what is indexed is kept, and a running server does the rest in the background")

// eachIndex runs do for the accounts named, none meaning all. What is wrong with one of them does not keep it from the
// others.
func eachIndex(ctx context.Context, a control.Admin, names []string, do func(account string) error) error {
	accounts, err := wanted(a, names)
	if err != nil {
		return err
	}
	var errs []error
	for _, account := range accounts {
		err := ctx.Err()
		if err == nil {
			err = do(account)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			return errors.Join(append(errs, errIndexInterrupted)...)
		case errors.Is(err, backend.ErrNoIndex):
			return fmt.Errorf("%w: search.index is false in the configuration", err)
		case err != nil:
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
