package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"satchel/storage"
	"satchel/storage/backup"
)

func (p *program) backupCommand() *cobra.Command {
	var keep backup.Keep
	var anew bool
	c := &cobra.Command{
		Use:   "backup FOLDER",
		Short: "Copy what is new in the data folder into a backup",
		Long: "Adds a point in time, a run, to the backup in FOLDER, which is made when it is missing or empty. A message is copied\n" +
			"once, by the first run that finds it; of all else, flags, folders, passwords, a run has what has changed. What was\n" +
			"written is read back and compared. A run that is interrupted counts for nothing, and the next one goes on from\n" +
			"there. satchel restore brings any run back, or parts of it.\n\n" +
			"The server may run, or not; clients and deliveries are not kept waiting. Run it as root or as the user whose the\n" +
			"data folder is: root acts as that user, who must be able to write to FOLDER. The configuration and certificates are\n" +
			"not part of it.\n\n" +
			"A FOLDER that had the last run and is empty or missing now is refused, since a disk may not be mounted there;\n" +
			"--anew says that it is meant.\n\n" +
			"With one of the --keep options older runs that no option keeps are deleted afterwards: satchel backup prune.",
		Example: "  satchel backup /var/backups/satchel\n" +
			"  satchel backup /var/backups/satchel --keep-daily 7 --keep-weekly 8",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.backup(cmd.Context(), args[0], keep, anew) },
	}
	keepFlags(c, &keep)
	c.Flags().BoolVar(&anew, "anew", false, "begin another backup in FOLDER though it had the last one and is empty now")
	c.AddCommand(p.backupList(), p.backupVerify(), p.backupPrune())
	return c
}

func (p *program) backup(ctx context.Context, folder string, keep backup.Keep, anew bool) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.Data); err != nil {
		return fmt.Errorf("data folder: %w (--data says where it is)", err)
	}
	if !anew {
		if err := stillThere(c.Data, folder); err != nil {
			return err
		}
	}
	if err := becomeOwnerFor(c.Data, folder); err != nil {
		return err
	}
	if err := canWork(c.Data); err != nil {
		return err
	}
	r, err := backup.Prepare(folder, c.Data)
	if err != nil {
		return backupError(folder, err)
	}
	defer r.Close()
	if err := p.backupRun(ctx, r, c.Data, folder); err != nil || keep.IsZero() {
		return backupError(folder, err)
	}
	return p.prune(ctx, r, keep, false)
}

// backupRun makes a run and says what it has. An account that it could not copy is an error.
func (p *program) backupRun(ctx context.Context, r *backup.Repository, data, folder string) error {
	begin, g := time.Now(), &backupProgress{p: p}
	run, err := r.Back(ctx, data, g)
	g.end()
	if err != nil {
		if ctx.Err() != nil {
			err = errInterrupted
		}
		return err
	}
	messages, bytes := run.Totals()
	fmt.Fprintf(p.out, "run %d: %s, %s (%s); new: %s, %s written in %.1f s\n", run.Number,
		counted(len(run.Accounts), "account"), counted(messages, "message"), bytesText(bytes), counted(run.Added.Messages, "message"), bytesText(run.Added.Bytes), time.Since(begin).Seconds())
	return errors.Join(noteBackup(data, folder, run), failures(run))
}

// failures are the accounts that a run does not have as it should.
func failures(run *backup.Run) error {
	var errs []error
	for _, a := range run.Accounts {
		switch {
		case a.Failed != "":
			errs = append(errs, fmt.Errorf("account %s could not be copied: %s", a.Name, a.Failed))
		case a.Lacks > 0:
			errs = append(errs, fmt.Errorf("account %s: %d messages have lost their bytes: satchel check tells which", a.Name, a.Lacks))
		}
	}
	return errors.Join(errs...)
}

// becomeOwnerFor makes root act as the owner of the data folder, who is given the other one if it has to be made.
func becomeOwnerFor(data, folder string) error {
	uid, gid, ok := ownerOf(data)
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) && os.Geteuid() == 0 && ok {
		if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
			return err
		}
		if err := os.Mkdir(folder, 0o700); err != nil {
			return err
		}
		if err := errors.Join(os.Chown(folder, uid, gid), storage.SyncFile(filepath.Dir(folder))); err != nil {
			return err
		}
	}
	return becomeOwner(data)
}

// canWork finds out whether databases of the data folder can be opened, for which SQLite has to be able to write.
func canWork(data string) error {
	if err := unix.Access(data, unix.W_OK); err != nil {
		return withCure(&fs.PathError{Op: "write to", Path: data, Err: err}, data)
	}
	return nil
}

// backupError says what to do about an error, where that is not plain.
func backupError(folder string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w (the user whose the data folder is must be able to write to %s)", err, folder)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: the disk of %s must be mounted writable", err, folder)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: name a folder", err)
	case errors.Is(err, storage.ErrFull):
		return fmt.Errorf("%w; what was there before is as it was: make room, or delete old runs (satchel backup prune)", err)
	}
	return err
}

// backupProgress shows a run.
type backupProgress struct {
	p *program
	*progress
}

// Account implements backup.Watcher.
func (g *backupProgress) Account(name string, messages int64) {
	g.end()
	g.progress = g.p.counting(name+": copied", messages)
}

// Copied implements backup.Watcher.
func (g *backupProgress) Copied(n storage.PackCount) { g.reach(g.messages + int(n.Messages)) }

// Warn implements backup.Watcher.
func (g *backupProgress) Warn(text string) {
	if g.progress == nil {
		g.progress = g.p.counting("", 0)
	}
	g.Line("%s", strings.TrimSuffix(text, "\n"))
}

// end takes the bar of the last account away.
func (g *backupProgress) end() {
	if g.progress != nil {
		g.progress.end()
	}
}

// openBackup opens a backup as the user whose it is.
func openBackup(folder string, change bool) (*backup.Repository, error) {
	if err := becomeOwner(folder); err != nil {
		return nil, err
	}
	return backup.Open(folder, change)
}
