package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/server/control"
)

func (p *program) checkCommand() *cobra.Command {
	var deep bool
	c := &cobra.Command{
		Use:   "check [ACCOUNT ...]",
		Short: "Look for damage in the data folder",
		Long: "Checks the database files, the counters of folders and that every message has its bytes. No mail is changed.\n" +
			"Each problem is printed with the account, the file and what to do. Exit status 0 means that all is sound.\n\n" +
			"Files that an older version of satchel wrote are upgraded first, as by each command that opens them, and that\n" +
			"version cannot open them any more: before an upgrade let the older version check them.",
		Example: "  satchel check\n" +
			"  satchel check alice@example.org --deep",
		RunE: func(cmd *cobra.Command, args []string) error {
			return unlessStopped(cmd.Context(), func() error {
				return p.withAdmin(cmd.Context(), false, func(a control.Admin) error { return p.check(a, args, deep) })
			})
		},
	}
	c.Flags().BoolVar(&deep, "deep", false, "also read every byte of every message")
	return c
}

func (p *program) check(a control.Admin, accounts []string, deep bool) error {
	n := 0
	err := a.Check(accounts, deep, func(problem backend.Problem) error {
		n++
		who := ""
		if problem.Account != "" {
			who = "account " + problem.Account + ": "
		}
		_, err := fmt.Fprintf(p.out, "%s%s: %s\n    cure: %s\n", who, problem.File, problem.Text, problem.Cure)
		return err
	})
	if err == nil {
		err = problemsFound(n)
	}
	if err == nil {
		fmt.Fprintln(p.out, "no problems found")
	}
	return err
}

// problemsFound is the verdict on what was looked through, nil when there are none.
func problemsFound(n int) error {
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%s found", counted(n, "problem"))
}
