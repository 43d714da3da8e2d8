package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/cmd/satchel/mbox"
	"satchel/server/control"
)

func (p *program) importMboxCommand() *cobra.Command {
	var to importTo
	var quoting string
	c := &cobra.Command{
		Use:   "mbox PATH",
		Short: "Import an mbox file, or a directory of them",
		Long: "PATH is an mbox file, whose messages go to INBOX or --mailbox, or a directory in which each file is a folder\n" +
			"(\".mbox\" at the end of its name and Thunderbird's \".sbd\" are left out). Flags come from the fields Status,\n" +
			"X-Status and X-Keywords, which are taken away, dates from the \"From \" lines.",
		Example: "  satchel import mbox --account alice@example.org --mailbox Old /srv/old.mbox",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, ok := map[string]mbox.Quoting{"mboxrd": mbox.RD, "mboxo": mbox.O, "none": mbox.None}[quoting]
			if !ok {
				return usageError{fmt.Errorf("--quoting %q is none of mboxrd, mboxo, none", quoting)}
			}
			return p.importMbox(cmd.Context(), args[0], to, q)
		},
	}
	to.flags(c)
	c.Flags().StringVar(&quoting, "quoting", "mboxrd", `how lines that begin with "From " are marked: mboxrd, mboxo or none`)
	return c
}

// mboxFile is a file to be imported as a folder.
type mboxFile struct {
	path, folder string
	size         int64
}

func (p *program) importMbox(ctx context.Context, path string, to importTo, q mbox.Quoting) error {
	files, bad, err := mboxFiles(path)
	if err != nil {
		return err
	}
	var total int64
	for _, f := range files {
		total += f.size
	}
	about := readFolderNotes(path)
	return p.importing(ctx, to, total, func(i *importing) error {
		for _, err := range bad {
			i.leaveOut(path, err)
		}
		for _, f := range files {
			target := control.Target{
				Account: to.account, Mailbox: to.name(f.folder), SpecialUse: about.specialUse[f.folder],
				Subscribe: len(about.subscribed) == 0 || slices.Contains(about.subscribed, f.folder),
			}
			err := i.mboxFolder(f, target, q)
			if errors.Is(err, mbox.ErrFormat) || errors.Is(err, backend.ErrInvalidName) || errors.As(err, new(*fs.PathError)) {
				i.leaveOut(f.path, err)
				continue
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// mboxFiles lists what is to be imported, and what may be and cannot be read.
func mboxFiles(path string) (files []mboxFile, bad []error, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("import mbox: %w", err)
	}
	if !info.IsDir() {
		return []mboxFile{{path, "INBOX", info.Size()}}, nil, nil
	}
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err == nil && (d.IsDir() || isNote(d.Name())) {
			return nil
		}
		rel, size := "", int64(0)
		if err == nil {
			rel, size, err = mboxAt(path, file)
		}
		if err != nil {
			bad = append(bad, err)
			return nil
		}
		files = append(files, mboxFile{file, mboxFolderName(rel), size})
		return nil
	})
	if err == nil && len(files) == 0 {
		err = errors.Join(append(bad, fmt.Errorf("no files in %s", path))...)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("import mbox: %w", err)
	}
	return files, bad, nil
}

// mboxAt looks at a file below root, or where a link leads.
func mboxAt(root, file string) (rel string, size int64, err error) {
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a file", file)
	}
	if err != nil {
		return "", 0, err
	}
	rel, err = filepath.Rel(root, file)
	return rel, info.Size(), err
}

// isNote tells files that lie beside mboxes and are none: Thunderbird's indexes, and what satchel notes on export.
func isNote(name string) bool {
	return strings.HasSuffix(name, ".msf") || strings.HasSuffix(name, ".dat") || name == subscriptionsNote || name == specialUseNote
}

// mboxFolderName turns a file's path into a folder's name.
func mboxFolderName(rel string) string {
	levels := strings.Split(filepath.ToSlash(strings.TrimSuffix(rel, ".mbox")), "/")
	for i := range levels {
		levels[i] = strings.TrimSuffix(levels[i], ".sbd")
		levels[i] = strings.ReplaceAll(levels[i], hiddenDot, ".")
	}
	name := strings.Join(levels, "/")
	if strings.EqualFold(name, "INBOX") {
		return "INBOX"
	}
	return name
}

func (i *importing) mboxFolder(file mboxFile, to control.Target, q mbox.Quoting) error {
	in, err := os.Open(file.path)
	if err != nil {
		return fmt.Errorf("import mbox: %w", err)
	}
	defer in.Close()
	r := mbox.NewReader(in, file.size, q)
	m, err := r.Next() // before anything is made: it may be no mbox
	if err != nil && err != io.EOF {
		return err
	}
	f, ferr := i.folder(to)
	if ferr != nil {
		return ferr
	}
	defer f.imp.Abort()
	before := int64(0)
	for ; err == nil; m, err = r.Next() {
		s := mboxSource(r, m, file.path)
		s.weight, before = r.Pos()-before, r.Pos()
		if m.Internal {
			continue
		}
		if err := f.add(s); err != nil {
			return err
		}
	}
	if err != io.EOF {
		return err
	}
	return f.finish()
}

func mboxSource(r *mbox.Reader, m *mbox.Message, path string) source {
	return source{
		Message: control.Message{
			Name: fmt.Sprintf("%s at byte %d", path, m.Offset), Flags: m.Flags, Keywords: m.Keywords, Date: m.Date,
			Size: m.Size, Key: m.Key,
		},
		open: func() (io.ReadCloser, error) { return io.NopCloser(r.Open(m)), nil },
	}
}
