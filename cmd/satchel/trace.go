package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"satchel/server/control"
	"satchel/server/presence"
	"satchel/server/trace"
)

// Trace implements control.Fronts: what is said over IMAP.
func (f *fronts) Trace(which presence.Filter, literals bool) (*trace.Watcher, error) {
	return f.imap.Trace(which, literals)
}

func (p *program) traceCommand() *cobra.Command {
	var session, address, to string
	var literals bool
	c := &cobra.Command{
		Use:   "trace [ACCOUNT]",
		Short: "Show what is said in IMAP sessions, as it goes by",
		Long: "Each line has the time, the session's id, C: or S: for client or server, and what was said. The sessions are those\n" +
			"of an account, from each one's next command on; of an address or a network, which shows those who fail to log in,\n" +
			"too; or the one with an id (\"satchel who\" shows them). Of several such words all must be true. Ctrl-C ends it.\n\n" +
			"Passwords, tokens and the values of annotations are never shown: *** stands for the arguments of LOGIN, AUTHENTICATE\n" +
			"and SETMETADATA, for challenges and their answers, and for what is no command. The bytes of literals, which mail is\n" +
			"sent as, are counted; with --literals they are shown. Even without them a trace is private: it has subjects,\n" +
			"addresses and names of folders in it. The log has a line when one begins and one when it ends.\n\n" +
			"No session waits for a trace. What comes faster than it can be printed is left out, and a line says how much.",
		Example: "  satchel trace alice@example.org\n" +
			"  satchel trace --address 192.0.2.7 --to trace.txt",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			which, err := theSessions(args, session, address)
			if err != nil {
				return err
			}
			if to == "" {
				return p.trace(cmd.Context(), p.out, which, literals)
			}
			file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
			if err != nil {
				return err
			}
			err = file.Chmod(0o600) // it may have been there
			if err == nil {
				err = p.trace(cmd.Context(), file, which, literals)
			}
			return errors.Join(err, file.Close())
		},
	}
	c.Flags().StringVar(&session, "session", "", "the session with this id")
	c.Flags().StringVar(&address, "address", "", "sessions of clients at this address, or in this network")
	c.Flags().StringVar(&to, "to", "", "write it to this file, which only its owner can read then")
	c.Flags().BoolVar(&literals, "literals", false, "show the contents of literals, and so of mail")
	return c
}

// trace writes what is said until it is interrupted.
func (p *program) trace(ctx context.Context, out io.Writer, which control.Which, literals bool) error {
	begun := false
	err := p.withAdmin(ctx, false, func(a control.Admin) error {
		if err := mustBe(a, which); err != nil {
			return err
		}
		return a.Trace(ctx, which, literals, func(t control.Traced) error {
			if !begun {
				begun = true
				fmt.Fprintln(p.errOut, "waiting for what is said; Ctrl-C ends it")
			}
			return printTraced(out, t)
		})
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// mustBe refuses a session that there is none of: nothing would ever be said. Those of an account or an address may come.
func mustBe(a control.Admin, which control.Which) error {
	if which.Session == "" {
		return nil
	}
	found := false
	err := a.Sessions(which, func(presence.Session) error {
		found = true
		return nil
	})
	if err == nil && !found {
		err = errNoSession
	}
	return err
}

// printTraced writes one line for each event.
func printTraced(out io.Writer, t control.Traced) error {
	w := bufio.NewWriter(out)
	for i := range t.Events {
		e := &t.Events[i]
		fmt.Fprintf(w, "%s %s %s: %s\n", e.At.Local().Format("15:04:05.000"), e.Session, e.From, e.Text)
	}
	if t.Dropped > 0 {
		fmt.Fprintf(w, "%d lines were left out here: they came too fast\n", t.Dropped)
	}
	return w.Flush()
}
