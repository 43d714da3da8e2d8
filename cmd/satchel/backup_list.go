package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"satchel/storage/backup"
)

func (p *program) backupList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list FOLDER",
		Short: "Show the runs of a backup",
		Long: "One line for each run, the oldest first: what was in the accounts, and what the run added to the backup. satchel\n" +
			"restore FOLDER --list shows what is in one.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := openBackup(args[0], false)
			if err != nil {
				return err
			}
			defer r.Close()
			runs, damaged, err := r.Runs()
			if err != nil {
				return err
			}
			if asJSON {
				err = p.runsJSON(runs)
			} else {
				err = p.runsTable(runs)
			}
			return errors.Join(append(damaged, err)...)
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) runsTable(runs []*backup.Run) error {
	w := columns(p.out)
	fmt.Fprintln(w, "RUN\tTIME\tACCOUNTS\tMESSAGES\tSIZE\tNEW\tWRITTEN\t")
	for _, run := range runs {
		messages, bytes := run.Totals()
		failed := 0
		for _, a := range run.Accounts {
			if a.Failed != "" {
				failed++
			}
		}
		note := ""
		if failed > 0 {
			note = "without " + counted(failed, "account")
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%s\t%d\t%s\t%s\n", run.Number, run.Began.Local().Format(time.DateTime), len(run.Accounts)-failed,
			messages, bytesText(bytes), run.Added.Messages, bytesText(run.Added.Bytes), note)
	}
	return w.Flush()
}

// runJSON is a run as --json prints it.
type runJSON struct {
	Run         int            `json:"run"`
	Began       time.Time      `json:"began"`
	Ended       time.Time      `json:"ended"`
	NewMessages int64          `json:"new_messages"`
	Written     int64          `json:"written_bytes"`
	Accounts    []savedAccount `json:"accounts"`
}

// savedAccount is an account in a backup, likewise.
type savedAccount struct {
	Name     string `json:"name"`
	Messages int64  `json:"messages"`
	Bytes    int64  `json:"bytes"`
	Failed   string `json:"failed,omitempty"`
}

func (p *program) runsJSON(runs []*backup.Run) error {
	list := []runJSON{}
	for _, run := range runs {
		list = append(list, runJSON{run.Number, run.Began, run.Ended, run.Added.Messages, run.Added.Bytes, savedAccounts(run)})
	}
	return printJSON(p.out, list)
}

func savedAccounts(run *backup.Run) []savedAccount {
	list := make([]savedAccount, len(run.Accounts))
	for i, a := range run.Accounts {
		list[i] = savedAccount{a.Name, a.Messages, a.Bytes, a.Failed}
	}
	return list
}
