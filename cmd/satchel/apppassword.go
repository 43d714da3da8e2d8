package main

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"satchel/server/control"
)

func (p *program) appPasswordCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "app-password",
		Short: "Make, list and revoke passwords for single devices",
		Long: "A phone that has a password of its own can be shut out alone when it is lost: other devices do not notice. The\n" +
			"password is made by satchel and shown once.",
		Example: "  satchel app-password add alice@example.org phone\n" +
			"  satchel app-password list alice@example.org\n" +
			"  satchel app-password revoke alice@example.org phone",
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
	var asJSON bool
	c := &cobra.Command{
		Use: "list ACCOUNT", Short: "List an account's devices", Args: cobra.ExactArgs(1),
		Long: "Each device, when and from where it last logged in, exact to five minutes. \"satchel who\" shows what is connected.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				apps, err := a.AppPasswords(args[0])
				if err != nil {
					return err
				}
				var list []appPasswordJSON
				for _, app := range apps {
					list = append(list, appPasswordJSON{app.Label, app.Created, app.Used, app.From})
				}
				return show(p.out, asJSON, list, "LABEL\tCREATED\tLAST USED\tFROM", (*appPasswordJSON).row)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// appPasswordJSON is a device as --json prints it.
type appPasswordJSON struct {
	Label   string     `json:"label"`
	Created time.Time  `json:"created"`
	Used    time.Time  `json:"last_used,omitzero"`    // not there: never
	From    netip.Addr `json:"last_address,omitzero"` // not there: not known
}

func (a *appPasswordJSON) row() string {
	used, from := "never", "-"
	if !a.Used.IsZero() {
		used = toTheMinute(a.Used)
	}
	if a.From.IsValid() {
		from = a.From.String()
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s", a.Label, a.Created.Format(time.DateOnly), used, from)
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
