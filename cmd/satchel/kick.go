package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"satchel/server/control"
)

var errNoSession = errors.New("there is no such session")

func (p *program) kickCommand() *cobra.Command {
	var session, address string
	c := &cobra.Command{
		Use:   "kick [ACCOUNT]",
		Short: "End sessions of the running server",
		Long: "Ends all sessions of an account, or the one with an id (\"satchel who\" shows them), or those from an address or a\n" +
			"network; of several such words all must be true. A client is told BYE when the command that it waits for is done;\n" +
			"where that takes longer than 10 seconds the connection is closed.\n\n" +
			"A kick changes nothing else. Mail programs come back at once, and log in as before: it is for a session that hangs,\n" +
			"or a program that shall read its settings again. To keep somebody out, change the password (\"account passwd\") or\n" +
			"revoke the device's own (\"app-password revoke\"), which end the sessions that it let in, or disable the account\n" +
			"(\"account disable\"), which ends all.\n\n" +
			"Exit status 1 when there was no such session.",
		Example: "  satchel kick alice@example.org\n" +
			"  satchel kick --session mwwya2n8",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			which, err := theSessions(args, session, address)
			if err != nil {
				return err
			}
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				n, err := a.EndSessions(which)
				if err != nil {
					return err
				}
				if n == 0 {
					return errNoSession
				}
				fmt.Fprintf(p.out, "ended %s\n", counted(n, "session"))
				return nil
			})
		},
	}
	c.Flags().StringVar(&session, "session", "", "the session with this id")
	c.Flags().StringVar(&address, "address", "", "those of clients at this address, or in this network")
	return c
}
