package backend

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"satchel/storage"
)

// ErrMailGone says that an account has had mail and its file is not there: its disk is not mounted, or somebody has
// removed it. Nothing is begun in its place. Clients would throw away what they have, UIDs would name other messages, and
// what arrives would be hidden by what is put back later.
var ErrMailGone = errors.New("the mail of the account is not there any more; mount the disk that it was on, or bring it back with \"satchel restore\"")

// mailFile is an account's mail.db.
func (d *directory) mailFile(folder string) string {
	return filepath.Join(d.data, "accounts", folder, "mail.db")
}

// missing is ErrMailGone, with the file's name, where that has been made before and is not there, or is empty.
func (d *directory) missing(folder string) error {
	path := d.mailFile(folder)
	info, err := os.Stat(path)
	if err == nil && info.Size() > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil // whatever else is wrong with it is found out when it is opened
	}
	has, err := d.store.HasMail(folder)
	if err == nil && !has {
		_, e := os.Stat(filepath.Join(filepath.Dir(path), "search.db")) // of an account that was not noted yet
		has = e == nil
	}
	if err == nil && has {
		err = fmt.Errorf("%s: %w", path, ErrMailGone)
	}
	return err
}

// noteMail notes that the account has mail, before anybody is told that some of it is on the disk.
func (d *directory) noteMail(folder string) error {
	has, err := d.store.HasMail(folder)
	if err == nil && !has {
		err = d.store.SetHasMail(true, folder)
	}
	return err
}

// noteFound notes the mail that is there of accounts that were last opened before such notes were made.
func (d *directory) noteFound() error {
	folders, err := d.store.WithoutMail()
	folders = slices.DeleteFunc(folders, func(folder string) bool {
		info, err := os.Stat(d.mailFile(folder))
		return err != nil || info.Size() == 0
	})
	if err == nil && len(folders) > 0 {
		err = d.store.SetHasMail(true, folders...)
	}
	return err
}

// refill puts the mail.db in a folder of NewAdoption in the place of one that is missing. Files beside that are of no use
// without it, and would be taken for the new one's. Until it is there the account's mail is missing as before.
func (d *directory) refill(dir, folder string) error {
	d.erasing.Lock()
	defer d.erasing.Unlock()
	if err := d.missing(folder); !errors.Is(err, ErrMailGone) {
		return errors.Join(err, fmt.Errorf("%s: %w", d.mailFile(folder), ErrExists))
	}
	home := filepath.Dir(d.mailFile(folder))
	err := d.noteMail(folder) // the index that may have told of it goes now
	if err == nil {
		err = storage.MakeFolder(home)
	}
	if err != nil {
		return err
	}
	for _, name := range []string{"mail.db", "search.db"} {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			if e := os.Remove(filepath.Join(home, name+suffix)); e != nil && !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, e)
			}
		}
	}
	if err != nil {
		return err
	}
	moved, err := moveMail(dir, home)
	if err == nil && !moved {
		err = fmt.Errorf("the backup has no mail of it: %w", ErrNotFound)
	}
	return err
}
