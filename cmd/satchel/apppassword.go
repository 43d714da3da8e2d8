package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/server/control"
)

func (p *program) appPasswordCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "app-password",
		Short: "Make, list and revoke passwords for single devices",
		Long: "A phone that has a password of its own can be shut out alone when it is lost: other devices do not notice. The\n" +
			"password is made by satchel and shown once.",
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
		Long: "Each device, when and from where it last logged in, exact to five minutes. \"satchel who\" shows what is connected.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				list, err := a.AppPasswords(args[0])
				if err != nil {
					return err
				}
				w := columns(p.out)
				fmt.Fprintln(w, "LABEL\tCREATED\tLAST USED\tFROM")
				for _, app := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", app.Label, app.Created.Format(time.DateOnly), lastUse(app), lastFrom(app))
				}
				return w.Flush()
			})
		},
	}
}

func lastUse(app backend.AppPassword) string {
	if app.Used.IsZero() {
		return "never"
	}
	return app.Used.Format("2006-01-02 15:04")
}

func lastFrom(app backend.AppPassword) string {
	if !app.From.IsValid() {
		return "-"
	}
	return app.From.String()
}

func (p *program) appPasswordRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ACCOUNT LABEL", Short: "Make a device's password worthless", Args: cobra.ExactArgs(2),
		Long: "Nobody logs in by it any more, and the sessions that it let in end at once. All others go on.",
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
