package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/restore"
	"satchel/storage/backup"
)

// restoring is what satchel restore was asked for.
type restoring struct {
	folder string
	number int
	at     string

	account, as    string
	mailboxes      []string
	into           string
	filter         filter
	newUIDValidity bool
	list, asJSON   bool

	wanted restore.Wanted // what mailboxes and filter say
}

func (p *program) restoreCommand() *cobra.Command {
	r := &restoring{}
	c := &cobra.Command{
		Use:   "restore FOLDER",
		Short: "Bring back all, an account, a folder or messages from a backup",
		Long: "Without --account: all, into a data folder that has no accounts yet, with no server running.\n\n" +
			"With --account alone: that account with its passwords and addresses, into a running server or a data folder at\n" +
			"rest, if nobody has its name now; --as gives it another one. An account that is there, but whose file of mail is\n" +
			"missing, gets its mail back.\n\n" +
			"With --mailbox or one of the options that pick messages: messages that the account does not have in that folder now,\n" +
			"with their flags, keywords and dates. Nothing that is there is changed, nothing is doubled, and it can be done again.\n\n" +
			"--list shows what there is instead: accounts; with --account its folders; with --mailbox or picking, messages.\n\n" +
			"The last run counts, or the one of --run or --at. What all and an account get back has the UIDs and the UIDVALIDITY\n" +
			"that clients know; UIDs of messages that came after the run are not given again.",
		Example: "  satchel restore /var/backups/satchel --list\n" +
			"  satchel restore /var/backups/satchel --account alice@example.org --as alice-then@example.org\n" +
			"  satchel restore /var/backups/satchel --account alice@example.org --mailbox Archive --since 30d",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.folder = args[0]
			if err := r.check(cmd.Flags().Changed("run")); err != nil {
				return usageError{fmt.Errorf("restore: %w", err)}
			}
			return p.restore(cmd, r)
		},
	}
	f := c.Flags()
	f.IntVar(&r.number, "run", 0, "the `NUMBER` of the run (satchel backup list)")
	f.StringVar(&r.at, "at", "", "the last run at or before this `TIME`, such as 2026-01-31 or \"2026-01-31 15:04\"")
	f.StringVar(&r.account, "account", "", "the account in the backup")
	f.StringVar(&r.as, "as", "", "the `NAME` that the account gets, beside the one that has its own, with other UIDs")
	f.StringArrayVar(&r.mailboxes, "mailbox", nil, "messages of this `MAILBOX`; can be repeated; \"*\" for all of them")
	f.StringVar(&r.into, "into", "", "put messages below this `MAILBOX` instead of where they were; INBOX becomes that one itself")
	f.BoolVar(&r.newUIDValidity, "new-uidvalidity", false, "let clients fetch all anew: if more came since the run than UIDs are kept free for")
	f.BoolVar(&r.list, "list", false, "only show what there is")
	f.BoolVar(&r.asJSON, "json", false, "with --list: print it as JSON")
	r.filter.flags(f)
	return c
}

// picks reports whether messages are asked for.
func (r *restoring) picks() bool { return len(r.mailboxes) > 0 || r.filter.given() }

func (r *restoring) check(numbered bool) error {
	switch {
	case numbered && r.number < 1:
		return errors.New("--run: the first run is 1")
	case numbered && r.at != "":
		return errors.New("--run and --at do not go together")
	case r.account == "" && (r.picks() || r.as != ""):
		return errors.New("say which account with --account")
	case r.as != "" && r.picks():
		return errors.New("--as is for whole accounts; --into says where messages go")
	case r.into != "" && !r.picks():
		return errors.New("--into is for messages; --mailbox says which (\"*\" for all)")
	case r.newUIDValidity && r.picks():
		return errors.New("--new-uidvalidity is for whole accounts")
	case r.list && (r.as != "" || r.into != "" || r.newUIDValidity):
		return errors.New("--list restores nothing: it goes without --as, --into and --new-uidvalidity")
	case r.asJSON && !r.list:
		return errors.New("--json is for --list")
	}
	var err error
	r.wanted, err = r.filter.wanted()
	r.wanted.Account, r.wanted.Mailboxes = r.account, r.mailboxes
	return err
}

func (p *program) restore(cmd *cobra.Command, r *restoring) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	if err := r.become(c.Data); err != nil {
		return err
	}
	repo, err := backup.Open(r.folder, false)
	if errors.Is(err, os.ErrPermission) {
		err = fmt.Errorf("%w (the user whose the data folder is must be able to read the backup)", err)
	}
	if err != nil {
		return err
	}
	defer repo.Close()
	run, err := p.chooseRun(repo, r)
	if err != nil {
		return err
	}
	switch {
	case r.list:
		return p.restoreList(cmd.Context(), repo, run, r)
	case r.account == "":
		return p.restoreAll(cmd.Context(), repo, run, c.Data, r)
	case r.picks():
		return p.restoreMessages(cmd.Context(), repo, run, r)
	}
	return p.restoreAccount(cmd.Context(), repo, run, c.Data, r)
}

// become makes root act as the user who is to have what comes out of the backup.
func (r *restoring) become(data string) error {
	if r.list {
		return becomeOwner(r.folder)
	}
	if r.account == "" {
		if err := makeDataFolder(data, "satchel"); err != nil {
			return err
		}
	}
	return becomeOwner(data)
}

// browse opens the account asked for.
func (r *restoring) browse(repo *backup.Repository, run *backup.Run) (*backup.Browser, error) {
	a, err := run.Account(r.account)
	if err != nil {
		return nil, err
	}
	return repo.Browse(a)
}

// chooseRun finds the run asked for, and names those that are damaged.
func (p *program) chooseRun(repo *backup.Repository, r *restoring) (*backup.Run, error) {
	if r.number != 0 {
		return repo.Run(r.number)
	}
	at := time.Now().Add(24 * time.Hour) // the clock may have been set back since the last run
	if r.at != "" {
		var err error
		if at, err = parseTime(r.at); err != nil {
			return nil, usageError{err}
		}
	}
	runs, damaged, err := repo.Runs()
	if err != nil {
		return nil, err
	}
	for _, err := range damaged {
		fmt.Fprintf(p.errOut, "left out: %v\n", err)
	}
	return backup.Latest(runs, at)
}

// parseTime reads a time of this machine's zone, or of the one it names. A day means its end.
func parseTime(s string) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		return t.AddDate(0, 0, 1).Add(-time.Nanosecond), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		err = fmt.Errorf("%q is not a time like 2026-01-31 or \"2026-01-31 15:04\"", s)
	}
	return t, err
}
