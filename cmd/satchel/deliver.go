package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/cmd/satchel/crlf"
	"satchel/server/control"
)

// Exit codes of sysexits.h, by which an MTA tells what to do with the message.
const (
	exUsage       = 64
	exDataErr     = 65
	exNoUser      = 67
	exUnavailable = 69
	exCantCreate  = 73
	exTempFail    = 75
)

func (p *program) deliverCommand() *cobra.Command {
	var to control.Destination
	c := &cobra.Command{
		Use:   "deliver [ADDRESS]",
		Short: "Deliver one message from standard input",
		Long: "Takes a message on standard input, as an MTA pipes it, and delivers it to an address, or with --account to a\n" +
			"folder of an account. LF line ends become CRLF; a leading \"From \" line is taken away.\n\n" +
			"Exit status: 0 the message is on disk; 67 nobody has the address; 73 no such folder; 65 the message is too\n" +
			"large or goes in circles; 69 the account is full, which quota.full = \"defer\" makes 75; 75 trouble, try again\n" +
			"later, also for a mistake in the configuration; 64 usage.",
		Example: "  satchel deliver alice@example.org <message.eml\n" +
			"  satchel deliver --account alice@example.org --mailbox Archive <message.eml",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.MaximumNArgs(1)(cmd, args); err != nil {
				return badDelivery(cmd, err)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				to.Address = args[0]
			}
			if (to.Address == "") == (to.Account == "") || to.Mailbox != "" && to.Account == "" {
				return badDelivery(cmd, errors.New("deliver: give either an address or --account, which --mailbox needs"))
			}
			err := unlessStopped(cmd.Context(), func() error { return p.deliver(cmd.Context(), to) })
			if errors.Is(err, errStopped) {
				err = exitError{exTempFail, err}
			}
			return err
		},
	}
	c.SetFlagErrorFunc(badDelivery)
	c.Flags().StringVar(&to.Account, "account", "", "deliver to this account")
	c.Flags().StringVar(&to.Mailbox, "mailbox", "", "into this folder of the account (default INBOX)")
	c.Flags().StringVarP(&to.From, "from", "f", "", "envelope sender, for Return-Path")
	mayBeEmpty(c, "account", "mailbox", "from") // as an MTA has them: bounces have no sender
	return c
}

// badDelivery is a command line of deliver that makes no sense, in the words of an MTA.
func badDelivery(_ *cobra.Command, err error) error { return exitError{exUsage, usageError{err}} }

func (p *program) deliver(ctx context.Context, to control.Destination) error {
	in := bufio.NewReaderSize(p.in, 64<<10)
	if err := skipFromLine(in); err != nil {
		return exitError{exTempFail, err}
	}
	err := p.withAdmin(ctx, false, func(a control.Admin) error {
		_, err := a.Deliver(to, crlf.NewReader(in))
		return err
	})
	if err != nil {
		return exitError{deliverCode(err, to), err}
	}
	return nil
}

// skipFromLine takes away the line that some MTAs put before a message they pipe.
func skipFromLine(in *bufio.Reader) error {
	head, err := in.Peek(len("From "))
	if err != nil && err != io.EOF {
		return fmt.Errorf("read message: %w", err)
	}
	if !bytes.Equal(head, []byte("From ")) {
		return nil
	}
	for {
		_, err := in.ReadSlice('\n')
		if err != bufio.ErrBufferFull {
			return nil
		}
	}
}

// deliverCode tells an MTA whether to bounce the message or to keep it for another try. What is not known to be for
// ever is for now. So is a configuration with a mistake or a data folder that is missing: for EX_CONFIG Postfix and Exim
// send mail back.
func deliverCode(err error, to control.Destination) int {
	switch {
	case errors.Is(err, backend.ErrNoAccounts):
		return exTempFail
	case errors.Is(err, backend.ErrNotFound) && to.Mailbox != "" && !strings.Contains(err.Error(), "account"):
		return exCantCreate
	case errors.Is(err, backend.ErrNotFound):
		return exNoUser
	case errors.Is(err, backend.ErrOverQuota) && !errors.Is(err, backend.ErrDeferred):
		return exUnavailable
	case errors.Is(err, backend.ErrTooBig), errors.Is(err, backend.ErrLoop):
		return exDataErr
	}
	return exTempFail
}
