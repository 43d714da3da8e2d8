package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/maildir"
	"satchel/cmd/satchel/mbox"
	"satchel/server/control"
)

func (p *program) exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write an account's mail as a Maildir or as mbox files",
		Long: "PATH must be empty or missing. Flags, keywords, dates, folders and subscriptions come along, and import brings\n" +
			"them back.",
		Example: "  satchel export maildir --account alice@example.org /srv/alice-maildir\n" +
			"  satchel export mbox --account alice@example.org /srv/alice-mbox",
	}
	c.AddCommand(
		p.exportTo("maildir PATH", "Write a Maildir++ tree as Dovecot reads it, UIDs included",
			"Line ends become LF, as Maildirs have them. A message in which that would lose something, and one above\n"+
				"1 MiB, keeps its CRLF; W= in its name says so.", p.exportMaildir),
		p.exportTo("mbox PATH", "Write a directory with an mbox file for each folder",
			"The files are mboxrd with LF line ends; flags are in Status, X-Status and X-Keywords. An mbox does not tell a\n"+
				"bare LF from a CRLF, and ends each message with a line end; use a Maildir where each byte counts.", p.exportMbox))
	return c
}

type exportFunc func(e *exporting, path string) error

func (p *program) exportTo(use, short, long string, export exportFunc) *cobra.Command {
	var account, only string
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				e := &exporting{ctx: cmd.Context(), admin: a, account: account}
				if err := e.choose(only); err != nil {
					return err
				}
				e.progress = p.progress("exported", e.size())
				err := export(e, args[0])
				e.progress.end()
				if err == nil {
					fmt.Fprintf(p.out, "%s: %s in %s\n", account, counted(e.progress.messages, "message"), counted(len(e.mailboxes), "folder"))
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&account, "account", "", "the account whose mail is written")
	c.Flags().StringVar(&only, "mailbox", "", "only this folder")
	c.MarkFlagRequired("account")
	return c
}

// exporting is an export under way.
type exporting struct {
	ctx       context.Context
	admin     control.Admin
	account   string
	mailboxes []control.Mailbox
	notes     folderNotes
	progress  *progress
}

// choose finds the folders to be written.
func (e *exporting) choose(only string) error {
	list, err := e.admin.Mailboxes(e.account)
	if err != nil {
		return err
	}
	e.notes.specialUse = map[string]string{}
	for _, m := range list {
		if only != "" && m.Name != only {
			continue
		}
		if m.Subscribed {
			e.notes.subscribed = append(e.notes.subscribed, m.Name)
		}
		if m.SpecialUse != "" {
			e.notes.specialUse[m.Name] = m.SpecialUse
		}
		if m.Exists {
			e.mailboxes = append(e.mailboxes, m)
		}
	}
	if only != "" && len(e.mailboxes) == 0 {
		return fmt.Errorf("account %s has no folder %q", e.account, only)
	}
	return nil
}

func (e *exporting) size() (n int64) {
	for _, m := range e.mailboxes {
		n += m.Size
	}
	return n
}

// messages gives each message of a folder to add.
func (e *exporting) messages(mailbox string, add func(m *control.Message, body io.Reader) error) error {
	return e.admin.Export(e.account, mailbox, func(m *control.Message, body io.Reader) error {
		if e.ctx.Err() != nil {
			return errors.New("interrupted")
		}
		err := add(m, body)
		e.progress.Message(m.Size)
		return err
	})
}

func (p *program) exportMaildir(e *exporting, path string) error {
	w, err := maildir.Create(path)
	if err != nil {
		return err
	}
	for _, m := range e.mailboxes {
		f, err := w.Folder(m.Name, m.UIDValidity, m.UIDNext)
		if err != nil {
			return err
		}
		err = e.messages(m.Name, func(m *control.Message, body io.Reader) error {
			return f.Add(m.UID, m.Date, m.Flags, m.Keywords, body)
		})
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return w.Finish(e.notes.subscribed, e.notes.specialUse)
}

func (p *program) exportMbox(e *exporting, path string) error {
	if old, err := os.ReadDir(path); err == nil && len(old) > 0 {
		return fmt.Errorf("export mbox to %s: %w", path, maildir.ErrNotEmpty)
	}
	for _, m := range e.mailboxes {
		if err := e.mboxFile(filepath.Join(path, mboxFileName(m.Name)), m.Name); err != nil {
			return fmt.Errorf("export %q: %w", m.Name, err)
		}
	}
	return e.notes.write(path)
}

// mboxFileName is mboxFolderName's other direction.
func mboxFileName(name string) string {
	levels := strings.Split(name, "/")
	for i, l := range levels {
		if strings.HasPrefix(l, ".") {
			levels[i] = hiddenDot + l[1:]
		}
	}
	return filepath.Join(levels...) + ".mbox"
}

func (e *exporting) mboxFile(path, mailbox string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := mbox.NewWriter(file)
	err = e.messages(mailbox, func(m *control.Message, body io.Reader) error {
		return w.Add(m.Date, m.Flags, m.Keywords, body)
	})
	return errors.Join(err, w.Flush())
}
