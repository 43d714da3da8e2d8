package restore

import (
	"errors"
	"fmt"
	"slices"

	"satchel/storage"
	"satchel/storage/backup"
)

// errNotKnown says that the mail of an account is there, and nobody it belongs to.
var errNotKnown = errors.New("no sound directory.db in the backup has it: add it (satchel account add), then restore its mail by --account and --mailbox \"*\"")

// directory puts the directory of accounts into a new file, and tells which it has: that of the last run before where the one
// of the run is damaged.
func (w *Whole) directory(file string) (known []storage.DirectoryAccount, err error) {
	from := w.Run
	for {
		err := w.Repository.Directory(from, file)
		if err == nil {
			break
		}
		if !errors.Is(err, backup.ErrDamaged) {
			return nil, err
		}
		if from, _ = w.Repository.Before(from); from == nil {
			return nil, fmt.Errorf("%w; %w", err, errNotKnown)
		}
	}
	if from != w.Run {
		w.Report.Line("the directory.db of run %d is damaged: accounts, passwords and addresses are those of run %d", w.Run.Number, from.Number)
	}
	return storage.ReadDirectory(file)
}

// isKnown looks for an account in a directory.
func isKnown(in []storage.DirectoryAccount, a *backup.Account) bool {
	return slices.ContainsFunc(in, func(d storage.DirectoryAccount) bool { return d.Folder == a.ID })
}
