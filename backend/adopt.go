package backend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"satchel/storage"
)

// adoptPrefix begins the names of folders that AdoptAccount takes mail from.
const adoptPrefix = "restore-"

// NewAdoption makes a folder, in the data folder, for files that AdoptAccount is to
// take. Who made it removes it.
func NewAdoption(data string) (string, error) {
	dir := filepath.Join(data, "tmp")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(dir, adoptPrefix)
}

// removeAdoptions removes what NewAdoption has made and nobody has removed. Nothing
// else: a data folder that was named by mistake may have a tmp of its own.
func removeAdoptions(data string) error {
	entries, err := os.ReadDir(filepath.Join(data, "tmp"))
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), adoptPrefix)
		_, odd := strconv.ParseUint(number, 10, 64)
		if ours && odd == nil && e.IsDir() {
			err = errors.Join(err, os.RemoveAll(filepath.Join(data, "tmp", e.Name())))
		}
	}
	return err
}

// AdoptAccount adds an account that a backup had under a name, from a folder of
// NewAdoption, given by its last element: mail.db, unless it has no mail, and
// directory.db, both of the newest schema. As, in any spelling, is its name from now
// on. With its old name it has its old folder, passwords and addresses; addresses that
// others have by now are returned. With another one it has its passwords, and that
// address. ErrExists names who has the name; but an account that has its old name and
// no mail any more, by ErrMailGone, gets its mail back, and is as it is otherwise.
func (b *Backend) AdoptAccount(from, name, as string) (info AccountInfo, taken []string, err error) {
	if filepath.Base(from) != from || !strings.HasPrefix(from, adoptPrefix) {
		return info, nil, fmt.Errorf("restore account from %q: %w", from, ErrInvalidName)
	}
	dir := filepath.Join(b.cfg.Data, "tmp", from)
	if taken, err = b.dir.adopt(dir, name, as, b.released); err != nil {
		return info, nil, fmt.Errorf("restore account: %w", err)
	}
	info, err = b.AccountByName(as)
	return info, taken, err
}

func (d *directory) adopt(dir, name, as string, released func(folder string) bool) (taken []string, err error) {
	canonical, err := canonicalAccountName(as)
	if err != nil {
		return nil, err
	}
	old, err := accountIn(filepath.Join(dir, "directory.db"), name)
	if err != nil {
		return nil, err
	}
	if now, err := d.named(canonical); err == nil && canonical == old.Name && errors.Is(d.missing(now.Folder), ErrMailGone) {
		if !released(now.Folder) {
			return nil, fmt.Errorf("account %q: its mail was removed while it was open, and is still in use; try again", canonical)
		}
		return nil, d.refill(dir, now.Folder)
	}
	if err := d.free(canonical); err != nil {
		return nil, err
	}
	a := storage.DirectoryAccount{Folder: newFolder(), Name: canonical, Created: old.Created}
	if canonical == old.Name && isFolder(old.Folder) && released(old.Folder) && d.isGone(old.Folder) {
		a.Folder = old.Folder
	}
	return d.settleIn(dir, old.Name, a)
}

// settleIn moves mail into the folder of an account, and adds that. A crash in between
// leaves a folder that is erased at the next start.
func (d *directory) settleIn(dir, old string, a storage.DirectoryAccount) (taken []string, err error) {
	d.erasing.Lock()
	defer d.erasing.Unlock()
	home := filepath.Join(d.data, "accounts", a.Folder)
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	moved := false
	if err = d.store.NoteErasure(a.Folder, d.now().Unix()); err == nil {
		moved, err = moveMail(dir, home)
	}
	if err == nil {
		taken, err = d.store.AdoptAccount(filepath.Join(dir, "directory.db"), old, a, moved)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(home), d.store.Erased(a.Folder))
	}
	return taken, nil
}

// isGone reports whether nothing is left of a removed account's folder.
func (d *directory) isGone(folder string) bool {
	_, err := os.Stat(filepath.Join(d.data, "accounts", folder))
	erasures, e := d.store.Erasures()
	return errors.Is(err, os.ErrNotExist) && e == nil && !slices.Contains(erasures, folder)
}

// moveMail moves an account's mail, if there is any, for good.
func moveMail(from, to string) (moved bool, err error) {
	err = os.Rename(filepath.Join(from, "mail.db"), filepath.Join(to, "mail.db"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return err == nil, errors.Join(storage.SyncFile(to), storage.SyncFile(filepath.Dir(to)))
}

// accountIn finds an account in a copy of a directory.db.
func accountIn(path, name string) (storage.DirectoryAccount, error) {
	list, err := storage.ReadDirectory(path)
	for _, a := range list {
		if a.Name == name {
			return a, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("account %q: %w", name, ErrNotFound)
	}
	return storage.DirectoryAccount{}, err
}
