package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/cmd/satchel/config"
	"satchel/server/control"
)

func (p *program) undeleteCommand() *cobra.Command {
	var u undeleting
	c := &cobra.Command{
		Use:   "undelete ACCOUNT [ID ...]",
		Short: "List messages that were deleted by mistake, and bring them back",
		Long: "A message that was expunged, or whose mailbox was deleted, is kept for a while (storage.keep_expunged). Without IDs\n" +
			"and without --all this lists what is kept of an account, what was expunged last first:\n\n" +
			"  ID        names the message\n" +
			"  EXPUNGED  when\n" +
			"  HOW       expunge: a mail program emptied its trash or the like; delete: with its mailbox;\n" +
			"            replace: a newer version took its place, as with drafts\n" +
			"  MAILBOX   where it was\n" +
			"  DATE, FROM, SUBJECT, SIZE\n\n" +
			"With IDs it brings these messages back, with --all all that the other flags pick: into the mailbox where each was,\n" +
			"which is made again if it is gone, or into the one of --into. They come back with their flags, and mail programs\n" +
			"see them at once. A message that is still in another mailbox is not lost, and is not listed.",
		Example: "  satchel undelete alice --since 2h\n" +
			"  satchel undelete alice --since 2h --all\n" +
			"  satchel undelete alice 4711 4712 --into INBOX",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := u.filter(args[1:], time.Now())
			if err != nil {
				return err
			}
			restores := u.all || f.IDs != nil
			if err := u.check(restores, cmd.Flags().Changed("limit")); err != nil {
				return usageError{err}
			}
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				info, err := a.Account(args[0])
				switch {
				case err != nil:
					return err
				case restores:
					return p.undelete(cmd.Context(), a, info.Name, f, u.into)
				}
				return p.listLost(cmd.Context(), a, info.Name, f, &u)
			})
		},
	}
	u.flags(c)
	c.Flags().StringVar(&u.into, "into", "", "bring them back into this mailbox")
	c.Flags().IntVar(&u.limit, "limit", 50, "list at most so many")
	jsonFlag(c, &u.asJSON)
	return c
}

// undeleting is what satchel undelete was asked for.
type undeleting struct {
	lostMail
	into   string
	limit  int
	asJSON bool
}

func (u *undeleting) check(restores, limited bool) error {
	switch {
	case restores && (u.asJSON || limited):
		return errors.New("--json and --limit are for lists")
	case !restores && u.into != "":
		return errors.New("--into needs IDs or --all")
	case u.limit < 1 || u.limit > backend.MaxExpungedPage:
		return fmt.Errorf("--limit is between 1 and %d", backend.MaxExpungedPage)
	}
	return nil
}

func (p *program) listLost(ctx context.Context, a control.Admin, account string, f backend.ExpungedFilter, u *undeleting) error {
	page, err := a.Expunged(ctx, account, f, u.limit)
	if err != nil {
		return err
	}
	if u.asJSON {
		return printJSON(p.out, lostList(&page))
	}
	return showLost(p.out, account, &page)
}

// lostMail is what a command line says of which expunged messages.
type lostMail struct {
	mailbox, since, from, subject, text string
	all                                 bool
}

func (l *lostMail) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&l.mailbox, "mailbox", "", "only those that were in this mailbox")
	f.StringVar(&l.since, "since", "", `only those expunged since: a time ago such as "2h" or "3d", or a date such as 2026-01-31`)
	f.StringVar(&l.from, "from", "", "only those with this text in From")
	f.StringVar(&l.subject, "subject", "", "only those with this text in Subject")
	f.StringVar(&l.text, "text", "", "only those with this text anywhere")
	f.BoolVar(&l.all, "all", false, "all of these")
}

// filter is what the flags and IDs say.
func (l *lostMail) filter(ids []string, now time.Time) (f backend.ExpungedFilter, err error) {
	f = backend.ExpungedFilter{Mailbox: l.mailbox, From: l.from, Subject: l.subject, Text: l.text}
	if l.since != "" {
		if f.Since, err = parseSince(l.since, now); err != nil {
			return f, usageError{fmt.Errorf("--since: %w", err)}
		}
	}
	for _, s := range ids {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id < 1 {
			return f, usageError{fmt.Errorf("%q is not the ID of a message", s)}
		}
		f.IDs = append(f.IDs, backend.MessageID(id))
	}
	if l.all && f.IDs != nil {
		return f, usageError{errors.New("--all goes without IDs")}
	}
	return f, nil
}

// parseSince reads a time ago, or a date.
func parseSince(s string, now time.Time) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		return t, nil
	}
	d, err := config.ParseDuration(s)
	if err != nil || d < 0 {
		return time.Time{}, fmt.Errorf(`%q is neither a time ago such as "2h" or "3d" nor a date such as 2026-01-31`, s)
	}
	return now.Add(-d), nil
}

func (p *program) undelete(ctx context.Context, a control.Admin, account string, f backend.ExpungedFilter, into string) error {
	g := p.stepping("brought back")
	u, err := a.Undelete(ctx, account, f, into, g.step)
	g.end()
	if err != nil {
		return err
	}
	for _, m := range u.Into {
		made := ""
		if m.Made {
			made = ", which was made"
		}
		fmt.Fprintf(p.out, "brought %s back into %s%s\n", counted(m.Messages, "message"), m.Mailbox, made)
	}
	if u.Stripped > 0 {
		fmt.Fprintf(p.errOut, "%s came back without keywords: the mailbox has as many as it can have\n", counted(u.Stripped, "message"))
	}
	for _, id := range u.Present {
		fmt.Fprintf(p.out, "message %d is in a mailbox already\n", id)
	}
	if len(u.Into) == 0 && f.IDs == nil {
		fmt.Fprintln(p.out, "there is nothing to bring back")
	}
	var errs []error
	for _, id := range u.Unknown {
		errs = append(errs, fmt.Errorf("message %d: not found: it was erased, or never was there", id))
	}
	return errors.Join(errs...)
}
