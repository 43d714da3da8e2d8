package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"satchel/server/control"
)

func (p *program) accountCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "account",
		Short: "Add, list, change and remove accounts",
		Long: "An account's name is what its owner logs in with, and its first address: alice or alice@example.org.\n" +
			"Passwords are asked for on the terminal or read from standard input, never taken from the command line.",
		Example: "  satchel account add alice@example.org\n" +
			"  satchel account list\n" +
			"  satchel account passwd alice@example.org",
	}
	c.AddCommand(p.accountAdd(), p.accountList(), p.accountPasswd(),
		p.accountSwitch("disable", "Forbid an account to log in; its mail still arrives", true),
		p.accountSwitch("enable", "Allow a disabled account to log in again", false),
		p.accountRemove())
	return c
}

func (p *program) accountAdd() *cobra.Command {
	var fromStdin bool
	c := &cobra.Command{
		Use: "add NAME", Short: "Add an account, with the folders that mail programs expect", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := p.password(cmd.Context(), fromStdin)
			if err != nil {
				return err
			}
			return p.withAdmin(cmd.Context(), true, func(a control.Admin) error {
				info, err := a.AddAccount(args[0], password)
				if err == nil {
					fmt.Fprintf(p.out, "added account %s\n", info.Name)
				}
				return err
			})
		},
	}
	passwordFlag(c, &fromStdin)
	return c
}

func passwordFlag(c *cobra.Command, fromStdin *bool) {
	c.Flags().BoolVar(fromStdin, "password-stdin", false, "read the password from the first line of standard input")
}

func (p *program) accountPasswd() *cobra.Command {
	var fromStdin bool
	c := &cobra.Command{
		Use: "passwd NAME", Short: "Change an account's password; app passwords stay", Args: cobra.ExactArgs(1),
		Long: "Changes the account's own password. Sessions that were let in by the old one end at once, those of browsers too.\n" +
			"Devices with an app password, certificates and tokens go on; \"account disable\" shuts out everybody.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				info, err := a.Account(args[0]) // a wrong name is told before the password is asked for
				if err != nil {
					return err
				}
				password, err := p.password(cmd.Context(), fromStdin)
				if err != nil {
					return err
				}
				if err := a.SetPassword(info.Name, password); err != nil {
					return err
				}
				fmt.Fprintf(p.out, "changed the password of %s\n", info.Name)
				return nil
			})
		},
	}
	passwordFlag(c, &fromStdin)
	return c
}

func (p *program) accountSwitch(verb, short string, disabled bool) *cobra.Command {
	return &cobra.Command{
		Use: verb + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				if err := a.SetDisabled(args[0], disabled); err != nil {
					return err
				}
				fmt.Fprintf(p.out, "%sd account %s\n", verb, args[0])
				return nil
			})
		},
	}
}

func (p *program) accountRemove() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "remove NAME", Short: "Remove an account and erase its mail for good", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				info, err := a.Account(args[0])
				if err != nil {
					return err
				}
				if err := confirm(cmd.Context(), yes, "all mail", info.Name); err != nil {
					return err
				}
				if err := a.RemoveAccount(info.Name); err != nil {
					return err
				}
				fmt.Fprintf(p.out, "removed account %s and its mail\n", info.Name)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// confirm has the name typed once more before what of its mail is erased.
func confirm(ctx context.Context, yes bool, what, name string) error {
	if yes {
		return nil
	}
	tty, err := openTerminal(ctx)
	if err != nil {
		return usageError{errors.New("there is no terminal to ask whether the mail may be erased: use --yes")}
	}
	defer tty.Close()
	typed, err := tty.line(fmt.Sprintf("This erases %s of %s for good. Type the name to go on: ", what, name))
	if err != nil || typed != name {
		return errors.New("nothing was erased")
	}
	return nil
}

// wanted is the names of the accounts, in the usual spelling.
func wanted(a control.Admin, names []string) ([]string, error) {
	var list []string
	if len(names) == 0 {
		infos, err := a.Accounts()
		for _, info := range infos {
			list = append(list, info.Name)
		}
		return list, err
	}
	for _, name := range names {
		info, err := a.Account(name)
		if err != nil {
			return nil, err
		}
		list = append(list, info.Name)
	}
	return list, nil
}
