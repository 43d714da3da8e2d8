package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"satchel/server/control"
)

func (p *program) accountList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "List the accounts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				infos, err := a.Accounts()
				if err != nil {
					return err
				}
				var list []accountJSON
				for _, info := range infos {
					list = append(list, accountJSON{info.Name, info.ID, info.Disabled, info.Created, info.Addresses})
				}
				return show(p.out, asJSON, list, "ACCOUNT\tSTATE\tCREATED\tOTHER ADDRESSES", (*accountJSON).row)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// accountJSON is an account as --json prints it.
type accountJSON struct {
	Account   string    `json:"account"`
	ID        string    `json:"id"` // the name of its folder
	Disabled  bool      `json:"disabled"`
	Created   time.Time `json:"created"`
	Addresses []string  `json:"addresses"`
}

func (a *accountJSON) row() string {
	state := "enabled"
	if a.Disabled {
		state = "disabled"
	}
	others := slices.DeleteFunc(slices.Clone(a.Addresses), func(address string) bool { return address == a.Account })
	return fmt.Sprintf("%s\t%s\t%s\t%s", a.Account, state, a.Created.Format(time.DateOnly), strings.Join(others, " "))
}
