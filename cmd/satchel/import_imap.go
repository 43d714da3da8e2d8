package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/imapsync"
	"satchel/server/control"
)

// imapOptions are the flags of import imap.
type imapOptions struct {
	to   importTo
	host string // as given
	user string

	passwordFile, tokenFile string
	passwordStdin           bool
	startTLS, insecure      bool
	ca                      string

	folders, exclude []string
	keepNames        bool
	delete           bool
	skipDuplicates   bool
	dryRun           bool
}

func (p *program) importIMAPCommand() *cobra.Command {
	o := &imapOptions{}
	c := &cobra.Command{
		Use:   "imap HOST[:PORT]",
		Short: "Bring an account over from another IMAP server, again and again until the last day",
		Long: "Folders, flags, keywords, dates and subscriptions come along; nothing is changed at HOST. Run it days before the\n" +
			"switch and as often as you like: each run brings what is new since, changes the flags that have changed there, and\n" +
			"leaves alone what was changed here. It may be interrupted at any time.\n\n" +
			"UIDs are kept in folders that never held a message and that nobody has open, until something else comes to them, so\n" +
			"that mail programs need not fetch everything again. Folders for sent mail, drafts, junk, trash and archive go into\n" +
			"those of the account, whatever they are called there. Of Gmail's All Mail comes, into Archive, what is in no other\n" +
			"folder.\n\n" +
			"The connection is encrypted and the certificate is checked. The password is asked for, unless a flag says where it is.",
		Example: "  satchel import imap imap.example.net --account alice@example.org --user alice --dry-run\n" +
			"  satchel import imap imap.example.net --account alice@example.org --user alice",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.host = args[0]
			err := p.importIMAP(cmd.Context(), o)
			if err != nil && cmd.Context().Err() != nil {
				err = errInterrupted
			}
			return err
		},
	}
	o.to.flags(c)
	f := c.Flags()
	f.StringVar(&o.user, "user", "", "the name to log in with at HOST (default what --account says)")
	f.StringVar(&o.passwordFile, "password-file", "", "a file whose first line is the password")
	f.BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from standard input")
	f.StringVar(&o.tokenFile, "token-file", "", "a file with an OAuth 2.0 access token, read again for each connection (XOAUTH2, OAUTHBEARER)")
	f.BoolVar(&o.startTLS, "starttls", false, "encrypt by STARTTLS, on port 143, instead of from the start, on port 993")
	f.BoolVar(&o.insecure, "insecure", false, "do not encrypt: for a server on this machine, or a tunnel")
	f.StringVar(&o.ca, "ca", "", "a file with certificates to trust instead of the system's, such as HOST's own")
	f.StringArrayVar(&o.folders, "folder", nil, "only this `FOLDER` of HOST, with those below; * and ? are any letters; can be repeated")
	f.StringArrayVar(&o.exclude, "exclude", nil, "not this `FOLDER`, nor those below; can be repeated")
	f.BoolVar(&o.keepNames, "keep-names", false, "let folders for sent mail, drafts and so on keep the names they have there")
	f.BoolVar(&o.delete, "delete", false, "remove messages that were brought over and have been removed there since")
	f.BoolVar(&o.skipDuplicates, "skip-duplicates", false, "take a message as brought over if the folder here has one with its Message-ID")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be done")
	c.MarkFlagsMutuallyExclusive("password-file", "password-stdin", "token-file")
	c.MarkFlagsMutuallyExclusive("starttls", "insecure")
	c.MarkFlagsMutuallyExclusive("insecure", "ca")
	return c
}

func (p *program) importIMAP(ctx context.Context, o *imapOptions) error {
	if o.user == "" {
		o.user = o.to.account
	}
	from, err := p.imapServer(ctx, o)
	if err != nil {
		return err
	}
	// The server is asked first: before the data folder is kept from others.
	report := &imapReport{p: p, progress: p.progress("imported", 0)}
	source, err := imapsync.Connect(ctx, from, report)
	if err != nil {
		return fmt.Errorf("%s: %w%s%s", o.host, err, cureConnect(err), cureLogin(err, o.tokenFile != ""))
	}
	defer source.Close()
	return p.withAdmin(ctx, false, func(a control.Admin) error {
		if _, err := a.Account(o.to.account); err != nil {
			return err
		}
		return p.importFrom(source, a, o, report)
	})
}

func (p *program) importFrom(source *imapsync.Source, a control.Admin, o *imapOptions, report *imapReport) error {
	plan, err := source.Prepare(a, imapsync.Options{
		Account: o.to.account, Name: o.to.name, Merge: !o.keepNames && o.to.mailbox == "",
		Folders: o.folders, Exclude: o.exclude, Delete: o.delete, SkipDuplicates: o.skipDuplicates, DryRun: o.dryRun,
	})
	report.endLooking()
	if err != nil {
		return fmt.Errorf("%w%s", err, cureThrottled(err))
	}
	if o.dryRun {
		return p.showPlan(plan, o.to.account)
	}
	report.progress = p.progress("imported", plan.Total().Bytes)
	err = plan.Run()
	report.end()
	done := plan.Outcome()
	p.leftOut(done.Tally)
	fmt.Fprintf(p.out, "%s: %v (%s)\n", o.to.account, done, bytesText(done.Bytes))
	if err != nil {
		return fmt.Errorf("%w%s", err, cmp.Or(cureThrottled(err), "; the same command goes on from here"))
	}
	if n := len(done.Bad) + done.BadMore; n > 0 {
		return fmt.Errorf("%d could not be imported; the same command tries again", n)
	}
	return nil
}

// leftOut names what did not come.
func (p *program) leftOut(t control.Tally) {
	for _, b := range t.Bad {
		fmt.Fprintf(p.errOut, "left out: %s: %s\n", b.Name, b.Reason)
	}
	if t.BadMore > 0 {
		fmt.Fprintf(p.errOut, "left out: %d more\n", t.BadMore)
	}
}
