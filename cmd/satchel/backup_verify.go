package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) backupVerify() *cobra.Command {
	var deep bool
	c := &cobra.Command{
		Use:   "verify FOLDER",
		Short: "Look for damage in a backup",
		Long: "Reads every file of the backup, compares it with what was written, and makes sure that each message of each run is\n" +
			"there. Each problem is printed; exit status 0 means that all is sound. Nothing is changed. Delete a file that is\n" +
			"damaged: the next satchel backup copies again what it had, as far as that is still in the mail. Until then\n" +
			"a restore takes what can be read of it.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := openBackup(args[0], false)
			if err != nil {
				return err
			}
			defer r.Close()
			v, err := r.Verify(cmd.Context(), deep, func(text string) { fmt.Fprintln(p.out, text) })
			if err == nil {
				err = problemsFound(v.Problems)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out, "no problems found in %s, %s (%s)\n", counted(v.Runs, "run"), counted(v.Files, "file"), bytesText(v.Bytes))
			return nil
		},
	}
	c.Flags().BoolVar(&deep, "deep", false, "also unpack every message")
	return c
}
