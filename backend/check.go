package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"satchel/storage"
)

// Problem is something that Check found wrong.
type Problem struct {
	Account string // "" for what concerns all
	File    string // relative to the data folder
	Text    string
	Cure    string // what to do about it
}

const (
	cureRestore = "stop satchel, keep a copy of the file, and restore it from a backup"
	cureExport  = "export the account, make a new one and import; what cannot be read is named on the way"
	cureUpgrade = "use the version of satchel that wrote it, or a newer one"
	cureAccess  = "give the file, as all in the data folder, to the user whose the folder is (chown)"
	cureRoom    = "make room on the disk; the file is not known to be damaged"
	cureTrouble = "see to what the message says, and check again; the file is not known to be damaged"
	cureRestart = "restart satchel, which counts anew, and report it"
	cureGone    = "mount the disk that it was on; if it is lost, \"satchel restore BACKUP --account NAME\" puts it back"
	cureIndex   = "see to the folder's owner and rights, and to room on the disk; until then searches are slower, nothing else"
)

// Check looks for damage in the accounts named, none meaning all, and in what
// they have in common, and tells each problem, until ctx ends. With deep it reads every byte. An
// account that cannot be opened is a problem, not an error: the others are
// checked.
func (b *Backend) Check(ctx context.Context, accounts []string, deep bool, each func(Problem) error) error {
	if err := b.checkDirectory(each); err != nil {
		return err
	}
	infos, err := b.wanted(accounts)
	if err != nil {
		return err
	}
	for _, info := range infos {
		if err := b.checkAccount(ctx, info, deep, each); err != nil {
			return err
		}
	}
	if len(accounts) > 0 {
		return nil
	}
	return b.checkFolders(infos, each)
}

func (b *Backend) wanted(names []string) ([]AccountInfo, error) {
	if len(names) == 0 {
		return b.Accounts()
	}
	var infos []AccountInfo
	for _, n := range names {
		info, err := b.AccountByName(n)
		if err != nil {
			return nil, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}

func (b *Backend) checkDirectory(each func(Problem) error) error {
	wrong, err := b.dir.store.Check()
	for _, text := range wrong {
		if err := each(Problem{File: "directory.db", Text: text, Cure: cureRestore}); err != nil {
			return err
		}
	}
	if err != nil {
		return each(Problem{File: "directory.db", Text: err.Error(), Cure: cureFor(err)})
	}
	return nil
}

func (b *Backend) checkAccount(ctx context.Context, info AccountInfo, deep bool, each func(Problem) error) error {
	file := filepath.Join("accounts", info.ID, "mail.db")
	a, err := b.Account(info.ID, info.Name)
	if err != nil {
		return each(Problem{Account: info.Name, File: file, Text: err.Error(), Cure: cureFor(err)})
	}
	defer a.Release()
	found, err := a.mail.Check(ctx, deep)
	if ended := context.Cause(ctx); ended != nil {
		return ended
	}
	for _, p := range found {
		if e := each(Problem{Account: info.Name, File: file, Text: a.describe(p), Cure: cureExport}); e != nil {
			return e
		}
	}
	if err != nil {
		return each(Problem{Account: info.Name, File: file, Text: err.Error(), Cure: cureFor(err)})
	}
	if err := a.checkUsage(file, each); err != nil {
		return err
	}
	return a.checkIndex(each)
}

// checkUsage compares what quotas count in memory with the file.
func (a *Account) checkUsage(file string, each func(Problem) error) error {
	var told, stored Usage
	err := a.write(&change{alone: true, run: func(*storage.Tx) (err error) {
		told = a.Quota().Usage
		stored, err = a.mail.Usage()
		return err
	}})
	if err != nil || told == stored {
		return err
	}
	return each(Problem{Account: a.name, File: file, Text: fmt.Sprintf("usage is counted as %v, not %v", told, stored), Cure: cureRestart})
}

// checkIndex tells of a search index that can be neither used nor made anew. A damaged
// one is made anew without a word: nothing is lost.
func (a *Account) checkIndex(each func(Problem) error) error {
	if a.backend.cfg.NoIndex {
		return nil
	}
	if _, err := a.soundIndex(); err != nil {
		return each(Problem{Account: a.name, File: filepath.Join("accounts", a.id, "search.db"), Text: err.Error(), Cure: cureIndex})
	}
	return nil
}

func cureFor(err error) string {
	switch {
	case errors.Is(err, storage.ErrNewerSchema):
		return cureUpgrade
	case errors.Is(err, os.ErrPermission):
		return cureAccess
	case errors.Is(err, storage.ErrFull):
		return cureRoom
	case errors.Is(err, ErrMailGone):
		return cureGone
	case errors.Is(err, storage.ErrCorrupt):
		return cureRestore
	}
	return cureTrouble
}

// describe puts the mailbox's name where storage knows a number only.
func (a *Account) describe(p storage.Problem) string {
	m := a.byMailboxID(p.Mailbox)
	if m == nil {
		return p.String()
	}
	p.Mailbox = 0
	return fmt.Sprintf("mailbox %q: %s", m.name(), p)
}

// checkFolders finds folders of mail that belong to no account.
func (b *Backend) checkFolders(infos []AccountInfo, each func(Problem) error) error {
	known := map[string]bool{}
	for _, info := range infos {
		known[info.ID] = true
	}
	entries, err := os.ReadDir(filepath.Join(b.cfg.Data, "accounts"))
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	for _, e := range entries {
		if known[e.Name()] {
			continue
		}
		p := Problem{File: filepath.Join("accounts", e.Name()), Text: "belongs to no account", Cure: "move it out of the data folder"}
		if err := each(p); err != nil {
			return err
		}
	}
	return nil
}
