package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/config"
	"satchel/storage/backup"
)

func (p *program) backupPrune() *cobra.Command {
	var keep backup.Keep
	var dry, thorough bool
	c := &cobra.Command{
		Use:   "prune FOLDER",
		Short: "Delete old runs of a backup, and the messages that only they had",
		Long: "Deletes the runs that no --keep option keeps. The last run always stays, and of an account that it could not copy\n" +
			"the last run that could. Days, weeks and months are those of this machine's time zone.\n\n" +
			"Packs are written anew without the messages that no run has any more when that frees a fifth of them. With\n" +
			"--thorough nothing is left of such messages, which rewrites much of a backup: for mail that was erased on request.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if keep.IsZero() {
				return usageError{errors.New("backup prune: say which runs to keep, such as --keep-daily 7 --keep-weekly 4")}
			}
			r, err := openBackup(args[0], !dry)
			if err != nil {
				return err
			}
			defer r.Close()
			if dry {
				return p.pruneDry(r, keep)
			}
			return p.prune(cmd.Context(), r, keep, thorough)
		},
	}
	keepFlags(c, &keep)
	c.Flags().BoolVar(&dry, "dry-run", false, "only say which runs would be deleted")
	c.Flags().BoolVar(&thorough, "thorough", false, "leave nothing of messages that no run has any more")
	return c
}

func keepFlags(c *cobra.Command, keep *backup.Keep) {
	f := c.Flags()
	f.Var((*keepCount)(&keep.Last), "keep-last", "keep the last `N` runs")
	f.Var((*keepCount)(&keep.Daily), "keep-daily", "keep the last run of each of the last `N` days that have one")
	f.Var((*keepCount)(&keep.Weekly), "keep-weekly", "likewise of `N` weeks")
	f.Var((*keepCount)(&keep.Monthly), "keep-monthly", "likewise of `N` months")
	f.Var((*keepWithin)(&keep.Within), "keep-within", "keep all runs of this `TIME` before the last, such as 30d or 48h")
}

// keepCount is a number of runs. Less than none would keep only the last of all.
type keepCount int

// Set implements pflag.Value.
func (k *keepCount) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return errors.New("a number of runs is needed")
	}
	*k = keepCount(n)
	return nil
}

// String implements pflag.Value.
func (k *keepCount) String() string { return strconv.Itoa(int(*k)) }

// Type implements pflag.Value.
func (k *keepCount) Type() string { return "int" }

// keepWithin is a duration that may be given in days.
type keepWithin time.Duration

// Set implements pflag.Value.
func (k *keepWithin) Set(s string) error {
	d, err := config.ParseDuration(s)
	if err == nil && d < 0 {
		err = config.DurationError(s)
	}
	*k = keepWithin(d)
	return err
}

// String implements pflag.Value.
func (k *keepWithin) String() string {
	if *k == 0 {
		return ""
	}
	return config.FormatDuration(time.Duration(*k))
}

// Type implements pflag.Value.
func (k *keepWithin) Type() string { return "time" }

func (p *program) prune(ctx context.Context, r *backup.Repository, keep backup.Keep, thorough bool) error {
	done, err := r.Prune(ctx, keep, thorough)
	if err != nil {
		return fmt.Errorf("prune: %w", err)
	}
	fmt.Fprintf(p.out, "%s deleted, %d kept; %s deleted, %s freed, %s left\n", counted(done.Runs, "run"), done.Kept, counted(done.Messages, "message"),
		bytesText(max(done.Before-done.After, 0)), bytesText(done.After))
	return nil
}

func (p *program) pruneDry(r *backup.Repository, keep backup.Keep) error {
	gone, kept, err := r.WouldKeep(keep)
	if err != nil {
		return err
	}
	for _, run := range gone {
		fmt.Fprintf(p.out, "run %d of %s would be deleted\n", run.Number, run.Began.Local().Format(time.DateTime))
	}
	fmt.Fprintf(p.out, "%s would be deleted, %d kept\n", counted(len(gone), "run"), len(kept))
	return nil
}
