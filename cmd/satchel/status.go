package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/config"
	"satchel/server/control"
)

// Exit codes of status, which monitoring plugins have too.
const (
	exitWarning = 1
	exitUrgent  = 2
)

func (p *program) statusCommand() *cobra.Command {
	var asJSON, accounts, ready bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Show how the running server is doing",
		Long: "First what somebody should look after, if anything: certificates that end or are missing, a disk that fills up,\n" +
			"limits that are reached, an old backup, errors of the last day in the log. Then where the server listens, who is\n" +
			"connected, what it takes of memory and disk. With --accounts also what mail each account has.\n\n" +
			"Exit status 0 when all is well, 1 when there is something to look after, 2 when it is urgent or nothing can be told,\n" +
			"because no server runs for one. Monitoring of the Nagios kind can run it as it is.\n\n" +
			"With --ready it says \"ok\" when people can log in and mail can be stored, or why not, with exit status 1: what the\n" +
			"health check of a container wants to know.",
		Example: "  satchel status\n" +
			"  satchel status --accounts\n" +
			"  satchel status --ready",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ready {
				return p.sayReady(cmd.Context())
			}
			var s control.Status
			err := p.withAdmin(cmd.Context(), false, func(a control.Admin) (err error) {
				if s, err = a.Status(); err != nil {
					return err
				}
				return p.showStatus(a, &s, accounts, asJSON)
			})
			if err != nil {
				return exitError{exitUrgent, err}
			}
			return verdict(&s)
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().BoolVar(&accounts, "accounts", false, "also list the accounts with their mail; each is opened for it")
	c.Flags().BoolVar(&ready, "ready", false, "only say whether the server can be used")
	c.MarkFlagsMutuallyExclusive("json", "ready")
	c.MarkFlagsMutuallyExclusive("accounts", "ready")
	return c
}

func (p *program) sayReady(ctx context.Context) error {
	err := p.withAdmin(ctx, false, func(a control.Admin) error { return a.Ready() })
	if err == nil {
		fmt.Fprintln(p.out, "ok")
	}
	return err
}

// verdict is the exit status.
func verdict(s *control.Status) error {
	switch {
	case len(s.Trouble) == 0:
		return nil
	case s.Trouble[0].Urgent:
		return exitError{exitUrgent, nil}
	}
	return exitError{exitWarning, nil}
}

// showStatus writes it, with the mail of the accounts if that is wanted.
func (p *program) showStatus(a control.Admin, s *control.Status, accounts, asJSON bool) (err error) {
	var mail []accountMail
	if accounts {
		mail, err = mailOfAccounts(a)
	}
	if asJSON {
		return errors.Join(printJSON(p.out, statusJSON{*s, mail}), err)
	}
	shown := printStatus(p.out, s, time.Now())
	if shown == nil && accounts {
		fmt.Fprintln(p.out)
		shown = show(p.out, false, mail, "ACCOUNT\tMAILBOXES\tMESSAGES\tSIZE", (*accountMail).row)
	}
	return errors.Join(shown, err)
}

// printStatus writes it for people.
func printStatus(out io.Writer, s *control.Status, now time.Time) error {
	for _, t := range s.Trouble {
		word := "WARNING"
		if t.Urgent {
			word = "URGENT"
		}
		fmt.Fprintf(out, "%s: %s\n", word, t.Text)
	}
	w := columns(out)
	line := func(what, format string, args ...any) { fmt.Fprintf(w, what+"\t"+format+"\n", args...) }
	line("server", "%s, pid %d, running for %s", s.Version, s.PID, age(now, s.Since))
	for _, name := range config.Fronts {
		if addr := s.Listening[name]; addr != "" {
			line(name, "%s%s", addr, connectionsText(s, name))
		}
	}
	line("logged in", "%d of at most %d IMAP connections", s.LoggedIn, s.SessionLimit)
	line("accounts", "%d, of them %d disabled, %d in use", s.Accounts, s.Disabled, s.OpenAccounts)
	line("memory", "%s, of it %s for %d mailboxes in use", bytesText(s.Memory), bytesText(s.IndexMemory), s.OpenMailboxes)
	line("data", "%s: %s; %s free of %s", s.Data, bytesText(s.DataSize), bytesText(int64(s.DiskFree)), bytesText(int64(s.DiskSize)))
	line("search", "%s", searchText(s))
	line("expunged", "%d messages of the accounts in use are kept, %s", s.Expunged, bytesText(s.ExpungedBytes))
	for _, c := range s.Certificates {
		line("certificate", "%s (%s)%s", strings.Join(c.Names, ", "), c.Source, untilText(&c, now))
	}
	line("backup", "%s", backupText(s.Backup, now))
	line("log", "%d errors and %d warnings since the start", s.Logged.Errors, s.Logged.Warnings)
	return w.Flush()
}

func connectionsText(s *control.Status, front string) string {
	n, ok := s.Sessions[front]
	if !ok {
		return ""
	}
	return fmt.Sprintf(", %d connected", n)
}

func searchText(s *control.Status) string {
	switch {
	case !s.SearchIndex:
		return "without an index"
	case s.Unindexed > 0:
		return fmt.Sprintf("%d messages of the accounts in use are not indexed yet", s.Unindexed)
	}
	return "the index of the accounts in use is complete"
}

func backupText(b *control.Backup, now time.Time) string {
	if b == nil {
		return "none was made with satchel backup"
	}
	return fmt.Sprintf("%s ago, in %s", age(now, b.At), b.Folder)
}

func untilText(c *control.Certificate, now time.Time) string {
	if c.Until.IsZero() {
		return ", not there yet"
	}
	return fmt.Sprintf(", until %s (%s)", c.Until.Format("2006-01-02"), age(c.Until, now))
}
