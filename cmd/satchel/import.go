package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"satchel/server/control"
)

func (p *program) importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Bring mail in from another server, a Maildir or mbox files",
		Long: "Flags, keywords, dates, folders and subscriptions come along. What was imported before is left out, so an\n" +
			"import can be run again, and goes on where it was interrupted. Messages become what they were on the wire:\n" +
			"line ends are CRLF, all other bytes stay as they are. What cannot be read is named and passed over; the exit\n" +
			"status is then 1.\n\n" +
			"While a server runs on the data folder it does the writing: it needs no right to read the source.",
	}
	c.AddCommand(p.importIMAPCommand(), p.importMaildirCommand(), p.importMboxCommand())
	return c
}

// importTo are the flags that say where mail goes.
type importTo struct{ account, mailbox string }

func (to *importTo) flags(c *cobra.Command) {
	c.Flags().StringVar(&to.account, "account", "", "the account that gets the mail")
	c.Flags().StringVar(&to.mailbox, "mailbox", "", "the folder that gets it; folders below go below (default INBOX)")
	c.MarkFlagRequired("account")
}

// name is where a folder of the source goes.
func (to *importTo) name(folder string) string {
	switch {
	case to.mailbox == "":
		return folder
	case folder == "INBOX":
		return to.mailbox
	}
	return to.mailbox + "/" + folder
}

// importing is an import under way.
type importing struct {
	ctx      context.Context
	admin    control.Admin
	progress *progress
	total    control.Tally
}

// source is a message that an import may take.
type source struct {
	control.Message
	weight int64 // towards the progress
	open   func() (io.ReadCloser, error)
}

// folder begins the import of one mailbox.
func (i *importing) folder(to control.Target) (*importFolder, error) {
	imp, err := i.admin.Import(to)
	if err != nil {
		return nil, err
	}
	return &importFolder{importing: i, imp: imp, name: to.Mailbox}, nil
}

// leaveOut names something that is not imported.
func (i *importing) leaveOut(name string, reason error) {
	i.progress.Line("left out: %s: %v", name, reason)
	i.total.AddBad(name, reason.Error())
}

// importFolder is the import of one mailbox under way.
type importFolder struct {
	*importing
	imp     control.Import
	name    string
	pending []source
	tally   control.Tally
}

// askAtOnce is how many messages are asked about together: have they been imported?
const askAtOnce = 500

// add takes a message, sooner or later.
func (f *importFolder) add(s source) error {
	f.pending = append(f.pending, s)
	if len(f.pending) < askAtOnce {
		return nil
	}
	return f.flush()
}

// flush sends those of the pending messages that are new.
func (f *importFolder) flush() error {
	if len(f.pending) == 0 {
		return nil
	}
	keys := make([][]byte, len(f.pending))
	for n := range f.pending {
		keys[n] = f.pending[n].Key
	}
	known, err := f.imp.Known(keys)
	if err != nil {
		return err
	}
	for n := range f.pending {
		if f.ctx.Err() != nil {
			return errInterrupted
		}
		s := &f.pending[n]
		if known[n] {
			f.tally.Present++
		} else if err := f.send(s); err != nil {
			return err
		}
		f.progress.Message(s.weight)
	}
	f.pending = f.pending[:0]
	return nil
}

var errInterrupted = errors.New("interrupted; the same command goes on from here")

func (f *importFolder) send(s *source) error {
	body, err := s.open()
	if err != nil {
		f.tally.AddBad(s.Name, err.Error())
		return nil
	}
	defer body.Close()
	return f.imp.Add(&s.Message, body)
}

// finish ends the folder.
func (f *importFolder) finish() error {
	if err := f.flush(); err != nil {
		return err
	}
	t, err := f.imp.Finish(control.End{})
	if err != nil {
		return err
	}
	f.tally.Sum(t)
	f.progress.Line("%s: %v", f.name, f.tally)
	for _, b := range f.tally.Bad {
		f.progress.Line("left out: %s: %s", b.Name, b.Reason)
	}
	if f.tally.BadMore > 0 {
		f.progress.Line("left out: %d more", f.tally.BadMore)
	}
	if f.tally.Stripped > 0 {
		f.progress.Line("%s: %d messages without their keywords, there are too many different ones", f.name, f.tally.Stripped)
	}
	f.total.Sum(f.tally)
	return nil
}

// importing runs f and says what became of it.
func (p *program) importing(ctx context.Context, to importTo, total int64, f func(*importing) error) error {
	return p.withAdmin(ctx, false, func(a control.Admin) error {
		if _, err := a.Account(to.account); err != nil {
			return err
		}
		i := &importing{ctx: ctx, admin: a, progress: p.progress("imported", total)}
		err := f(i)
		i.progress.end()
		t := i.total
		fmt.Fprintf(p.out, "%s: %v (%s)\n", to.account, t, bytesText(t.Bytes))
		if err != nil {
			return err
		}
		if n := len(t.Bad) + t.BadMore; n > 0 {
			return fmt.Errorf("%d could not be imported", n)
		}
		return nil
	})
}
