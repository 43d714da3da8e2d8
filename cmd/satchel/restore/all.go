package restore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"satchel/backend"
	"satchel/storage"
	"satchel/storage/backup"
)

// ErrHasAccounts says that a data folder is in use already.
var ErrHasAccounts = errors.New("has accounts already")

// Outcome is what became of an account's mail.
type Outcome struct {
	Name string
	backup.Restored
	Err error // why none of it is in the backup
}

// All fills an empty data folder. The accounts come first and directory.db last: without it there are none, and after an
// error nothing is restored.
func (w *Whole) All(ctx context.Context, data string) ([]Outcome, error) {
	lock, err := backend.Claim(data)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := nothingIn(data); err != nil {
		return nil, err
	}
	tmp, err := backend.NewAdoption(data)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	list, err := w.assembleAll(ctx, tmp)
	if err != nil {
		return list, err
	}
	if err := w.accounts(tmp, list); err != nil {
		return list, err
	}
	return list, moveAll(w.Run, tmp, data)
}

// accounts makes directory.db, which notes whose mail is there. An account of which the backup has none begins anew; of one
// that it does not know the mail is left out.
func (w *Whole) accounts(tmp string, list []Outcome) error {
	path := filepath.Join(tmp, "directory.db")
	known, err := w.directory(path)
	if err != nil {
		return err
	}
	for i := range w.Run.Accounts {
		a := &w.Run.Accounts[i]
		if isKnown(known, a) {
			continue
		}
		list[i] = Outcome{Name: a.Name, Err: errNotKnown}
		if err := os.Remove(filepath.Join(tmp, a.ID+".db")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	d, err := storage.OpenDirectory(path)
	if err != nil {
		return err
	}
	for i := range known {
		_, absent := os.Stat(filepath.Join(tmp, known[i].Folder+".db"))
		err = errors.Join(err, d.SetHasMail(absent == nil, known[i].Folder))
	}
	return errors.Join(err, d.Close())
}

// assembleAll puts together the mail of all accounts.
func (w *Whole) assembleAll(ctx context.Context, tmp string) (list []Outcome, err error) {
	for i := range w.Run.Accounts {
		a := &w.Run.Accounts[i]
		done, err := w.lastGood(ctx, a.ID, filepath.Join(tmp, a.ID+".db"))
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && !errors.As(err, new(lostError)) && !errors.Is(err, storage.ErrCorrupt): // of the disk, not of the backup
			return nil, fmt.Errorf("account %s: %w; nothing was restored", a.Name, err)
		}
		list = append(list, Outcome{a.Name, done, err})
	}
	return list, nil
}

// nothingIn refuses a data folder with accounts or mail.
func nothingIn(data string) error {
	_, err := os.Stat(filepath.Join(data, "directory.db"))
	if err == nil {
		return fmt.Errorf("%s %w", data, ErrHasAccounts)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	accounts, err := os.ReadDir(filepath.Join(data, "accounts"))
	for _, a := range accounts {
		mail := filepath.Join(data, "accounts", a.Name(), "mail.db")
		if _, err := os.Stat(mail); !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s holds mail, such as %s: move it away first", data, mail)
		}
	}
	return err
}

// moveAll puts what was restored in its place.
func moveAll(run *backup.Run, tmp, data string) error {
	for i := range run.Accounts {
		id := run.Accounts[i].ID
		file := filepath.Join(tmp, id+".db")
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			continue
		}
		home := filepath.Join(data, "accounts", id)
		if err := os.MkdirAll(home, 0o700); err != nil {
			return err
		}
		if err := os.Rename(file, filepath.Join(home, "mail.db")); err != nil {
			return err
		}
		if err := storage.SyncFile(home); err != nil {
			return err
		}
	}
	if err := storage.SyncFile(filepath.Join(data, "accounts")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(tmp, "directory.db"), filepath.Join(data, "directory.db")); err != nil {
		return err
	}
	return storage.SyncFile(data)
}
