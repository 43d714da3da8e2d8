package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"satchel/server/control"
)

func (p *program) appPasswordCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "app-password",
		Short: "Make, list and revoke passwords for single devices",
		Long: "A phone that has a password of its own can be shut out alone when it is lost. The password is made by\n" +
			"satchel and shown once.",
	}
	c.AddCommand(p.appPasswordAdd(), p.appPasswordList(), p.appPasswordRevoke())
	return c
}

func (p *program) appPasswordAdd() *cobra.Command {
	return &cobra.Command{
		Use: "add ACCOUNT LABEL", Short: "Make a password for a device and print it", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				secret, err := a.AddAppPassword(args[0], args[1])
				if err == nil {
					fmt.Fprintln(p.out, secret)
				}
				return err
			})
		},
	}
}

func (p *program) appPasswordList() *cobra.Command {
	return &cobra.Command{
		Use: "list ACCOUNT", Short: "List an account's devices", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				list, err := a.AppPasswords(args[0])
				if err != nil {
					return err
				}
				w := columns(p.out)
				fmt.Fprintln(w, "LABEL\tCREATED\tLAST USED")
				for _, app := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\n", app.Label, day(app.Created), day(app.Used))
				}
				return w.Flush()
			})
		},
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format("2006-01-02")
}

func (p *program) appPasswordRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ACCOUNT LABEL", Short: "Make a device's password worthless", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				err := a.RevokeAppPassword(args[0], args[1])
				if err == nil {
					fmt.Fprintf(p.out, "revoked %q of %s\n", args[1], args[0])
				}
				return err
			})
		},
	}
}
