package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/cmd/satchel/maildir"
	"satchel/server/control"
)

func (p *program) importMaildirCommand() *cobra.Command {
	var to importTo
	c := &cobra.Command{
		Use:   "maildir PATH",
		Short: "Import a Maildir with its folders",
		Long: "PATH is a Maildir, with folders as Maildir++ (\".Sub.Folder\") or as directories below it, or a directory of\n" +
			"Maildirs. Flags come from the file names, dates from the files' times, keywords from dovecot-keywords. UIDs of\n" +
			"dovecot-uidlist are kept, with the UIDVALIDITY, in folders that never held a message, until something else comes.",
		Example: "  satchel import maildir --account alice@example.org /home/alice/Maildir",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return p.importMaildir(cmd.Context(), args[0], to) },
	}
	to.flags(c)
	return c
}

func (p *program) importMaildir(ctx context.Context, path string, to importTo) error {
	tree, err := maildir.Open(path)
	if err != nil {
		return err
	}
	total := int64(0)
	if p.interactive() {
		total = tree.Size()
	}
	return p.importing(ctx, to, total, func(i *importing) error {
		for _, link := range tree.Again {
			i.progress.Line("%s", link)
		}
		for _, bad := range tree.Bad {
			i.leaveOut(path, bad)
		}
		for n := range tree.Folders {
			folder := &tree.Folders[n]
			err := i.maildirFolder(tree, folder, to)
			if errors.Is(err, backend.ErrInvalidName) {
				i.leaveOut(folder.Dir, err)
				continue
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// maildirFolder imports one folder. Without any subscriptions in the tree all its folders are subscribed, for mail
// programs show no others.
func (i *importing) maildirFolder(tree *maildir.Tree, folder *maildir.Folder, to importTo) error {
	contents := folder.Read()
	dir, err := filepath.Abs(folder.Dir)
	if err != nil {
		return err
	}
	f, err := i.folder(control.Target{
		Account: to.account, Mailbox: to.name(folder.Name), SpecialUse: tree.SpecialUse[folder.Name],
		Subscribe:   len(tree.Subscribed) == 0 || slices.Contains(tree.Subscribed, folder.Name),
		UIDValidity: contents.UIDValidity, UIDNext: contents.UIDNext, Source: dir,
	})
	if err != nil {
		return err
	}
	defer f.imp.Abort()
	if contents.UIDValidity != 0 && !f.imp.KeepsUIDs() {
		i.progress.Line("%s: UIDs are not kept, the folder has been in use", f.name)
	}
	for _, bad := range contents.Bad {
		f.tally.AddBad(folder.Dir, bad.Error())
	}
	for n := range contents.Entries {
		if err := f.add(maildirSource(&contents.Entries[n])); err != nil {
			return err
		}
	}
	return f.finish()
}

func maildirSource(e *maildir.Entry) source {
	return source{
		Message: control.Message{
			Name: e.Path(), UID: backend.UID(e.UID), Flags: e.Flags, Keywords: e.Keywords, Date: e.Date,
			Size: e.Size, Key: []byte(e.Key),
		},
		weight: e.Size,
		open:   func() (io.ReadCloser, error) { return e.Open() },
	}
}
