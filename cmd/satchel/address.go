package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"satchel/server/control"
)

func (p *program) addressCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "address",
		Short: "Add, list and remove further addresses of accounts",
		Long: "An account receives mail for its name and for each address given here. alice@example.org is one address,\n" +
			"alice stands for that name at any domain, and @example.org for whatever else the domain receives.\n" +
			"Mail for alice+lists@example.org goes to alice, into the folder \"lists\" if there is one.",
		Example: "  satchel address add alice@example.org sales@example.org\n" +
			"  satchel address add alice@example.org @example.net\n" +
			"  satchel address list",
	}
	c.AddCommand(
		p.addressChange("add ACCOUNT ADDRESS", "Have an account receive mail for an address", "added", control.Admin.AddAddress),
		p.addressChange("remove ACCOUNT ADDRESS", "Take an address away from an account", "removed", control.Admin.RemoveAddress),
		p.addressList())
	return c
}

func (p *program) addressChange(use, short, done string, change func(a control.Admin, account, address string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				if err := change(a, args[0], args[1]); err != nil {
					return err
				}
				fmt.Fprintf(p.out, "%s address %s of %s\n", done, args[1], args[0])
				return nil
			})
		},
	}
}

func (p *program) addressList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list [ACCOUNT]", Short: "List the addresses, of one account or of all", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				infos, err := a.Accounts()
				if len(args) == 1 && err == nil {
					infos = infos[:0]
					info, e := a.Account(args[0])
					infos, err = append(infos, info), e
				}
				if err != nil {
					return err
				}
				var list []addressJSON
				for _, info := range infos {
					for _, address := range info.Addresses {
						list = append(list, addressJSON{address, info.Name})
					}
				}
				return show(p.out, asJSON, list, "ADDRESS\tACCOUNT", func(x *addressJSON) string { return x.Address + "\t" + x.Account })
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// addressJSON is an address as --json prints it.
type addressJSON struct {
	Address string `json:"address"`
	Account string `json:"account"`
}
