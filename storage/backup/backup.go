// Package backup keeps points in time of a data folder in a folder of its own, the repository, and brings them back.
//
// Messages never change, so they are copied once, into packs; what changes, all other tables of an account, is copied at
// each run, as what has changed since the run before. A run counts from when its manifest is in place, which is written
// last. The package owns the layout of the repository, what is in which file, and when a file is no longer needed. It
// reads data folders beside the server that has them, and never changes one. It holds no SQL and no mail logic.
//
// One process at a time changes a repository. A Repository is used by one goroutine.
package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"satchel/storage"
)

// What the errors of this package wrap, besides those of storage.
var (
	// ErrNoBackup says that a folder is no repository.
	ErrNoBackup = errors.New("not a backup")
	// ErrForeign says that a folder has something else in it, or the backup of another data folder.
	ErrForeign = errors.New("not the backup of this data folder")
	// ErrInUse says that another process changes the repository, or reads it while it would be changed.
	ErrInUse = errors.New("in use by another backup or restore")
	// ErrNewerFormat says that a newer version of this program wrote a file; the message names it.
	ErrNewerFormat = errors.New("written by a newer version")
	// ErrDamaged says that a file is missing or is not what was written; the message names it.
	ErrDamaged = errors.New("damaged")
	// ErrNotFound says that there is no such run, account or mailbox in the backup.
	ErrNotFound = storage.ErrNotFound
)

// format is the version of the layout. A program refuses a higher one.
const format = 1

// Repository is a folder with backups of one data folder:
//
//	satchel-backup.json                     what this is
//	runs/NUMBER.json                        manifests, one a run
//	runs.json                               which of these there are
//	directory/SUM.db.zst                    directory.db
//	accounts/ID/LINEAGE/packs.json          which packs there are of the account
//	accounts/ID/LINEAGE/FIRST-LAST.pack     messages by their IDs, an SQLite file
//	accounts/ID/LINEAGE/NUMBER.state.zst    all else of mail.db, as of a run
//	accounts/ID/LINEAGE/NUMBER.change.zst   or how it differs from the state before
//	tmp/                                    what is being written
//
// A lineage is one series of message IDs: a mail.db that was replaced by another one begins the next.
type Repository struct {
	path     string
	lock     *os.File
	nameless error // what was wrong with the file that makes it one
}

// identity is the file that makes a folder a repository.
type identity struct {
	Format int
	Source string // names the data folder, and tells nothing of it
}

const identityFile = "satchel-backup.json"

// Open opens a repository for reading, or with change for changing it. ErrNoBackup, ErrInUse, ErrNewerFormat. One that has
// runs can be read though the file is lost that says what it is.
func Open(path string, change bool) (*Repository, error) {
	r, _, err := open(path, change)
	return r, err
}

func open(path string, change bool) (*Repository, identity, error) {
	var id identity
	r := &Repository{path: path}
	err := r.readSealed(identityFile, &id)
	if lost := errors.Is(err, ErrDamaged) || errors.Is(err, os.ErrNotExist); lost && !change {
		if there, _ := r.numbers(); len(there) > 0 {
			r.nameless = fmt.Errorf("%s: %w or missing", identityFile, ErrDamaged)
			err = nil
		}
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		err = fmt.Errorf("%s: %w", path, ErrNoBackup)
	case err == nil && id.Format > format:
		err = fmt.Errorf("%s: %w", path, ErrNewerFormat)
	case err == nil:
		err = r.acquire(change)
	}
	if err != nil {
		return nil, id, err
	}
	return r, id, nil
}

// Prepare opens the repository of a data folder for changing it, and makes it in a folder that is empty or missing.
func Prepare(path, data string) (*Repository, error) {
	if err := apart(path, data); err != nil {
		return nil, err
	}
	source, err := sourceOf(data)
	if err != nil {
		return nil, err
	}
	r, id, err := open(path, true)
	if errors.Is(err, ErrNoBackup) || errors.Is(err, ErrDamaged) {
		r, err = identify(path, source)
		if errors.Is(err, ErrNoBackup) {
			r, err = create(path, source)
		}
		id.Source = source
	}
	if err != nil {
		return nil, err
	}
	if id.Source != source {
		err = fmt.Errorf("%s: %w: it is another one's", path, ErrForeign)
	}
	for _, sub := range []string{"runs", "directory", "accounts", "tmp"} {
		if err == nil {
			err = storage.MakeFolder(r.file(sub))
		}
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// create makes a repository of a folder.
func create(path, source string) (*Repository, error) {
	if err := storage.MakeFolder(path); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if n := e.Name(); !slices.Contains([]string{"lost+found", lockFile, identityFile + newSuffix, runListFile, runListFile + newSuffix}, n) {
			return nil, fmt.Errorf("%s: %w: it holds other things, such as %s; name a folder that is empty or new", path, ErrForeign, n)
		}
	}
	r := &Repository{path: path}
	if err := r.acquire(true); err != nil {
		return nil, err
	}
	err = r.list(nil)
	if err == nil {
		err = r.writeSealed(identityFile, identity{format, source})
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// apart refuses a repository within the data folder, and the other way round.
func apart(path, data string) error {
	p, err := resolved(path)
	if err != nil {
		return err
	}
	d, err := resolved(data)
	if err != nil {
		return err
	}
	if p == d || within(p, d) || within(d, p) {
		return fmt.Errorf("%s: a backup within the data folder %s, or around it, would be lost with it; name another folder", path, data)
	}
	return nil
}

// resolved is the absolute path without links, of what need not be there yet.
func resolved(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", err
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// sourceOf names a data folder by a secret of it that stays with its directory.db.
func sourceOf(data string) (string, error) {
	path := filepath.Join(data, "directory.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("data folder %s: it has no directory.db, so there is nothing to back up", data)
	}
	secret, err := storage.LiveSecret(path, "decoy")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte("satchel backup\x00"), secret...))
	return hex.EncodeToString(sum[:8]), nil
}

// file is the path of a file of the repository.
func (r *Repository) file(name string) string { return filepath.Join(r.path, filepath.FromSlash(name)) }

// Close lets go of the repository.
func (r *Repository) Close() error {
	if r.lock == nil {
		return nil
	}
	return r.lock.Close()
}
