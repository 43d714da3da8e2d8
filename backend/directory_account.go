package backend

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"satchel/backend/passwords"
	"satchel/storage"
)

// addAccount: see Backend.AddAccount.
func (d *directory) addAccount(name, password string) (AccountInfo, error) {
	canonical, err := canonicalAccountName(name)
	if err != nil {
		return AccountInfo{}, err
	}
	a := storage.DirectoryAccount{
		Folder: newFolder(), Name: canonical, Salt: d.saltFor(canonical), Iterations: d.iterations, Created: d.now().Unix(),
	}
	credential, err := newCredential("", password, a.Salt, a.Iterations, a.Created)
	if err != nil {
		return AccountInfo{}, fmt.Errorf("add account %q: %w", canonical, err)
	}
	if err := d.free(canonical); err != nil {
		return AccountInfo{}, fmt.Errorf("add account %q: %w", canonical, err)
	}
	if _, err := d.store.AddAccount(a, credential); err != nil {
		return AccountInfo{}, fmt.Errorf("add account %q: %w", canonical, err)
	}
	return infoOf(a, []string{canonical}), nil
}

// newFolder is a random name for an account's folder: whatever its owner is
// called, and however often a name is given anew.
func newFolder() string { return strings.ToLower(rand.Text()) }

// isFolder reports whether newFolder could have made the name, so that what is
// erased is never anything else.
func isFolder(name string) bool {
	other := func(r rune) bool { return !('a' <= r && r <= 'z' || '2' <= r && r <= '7') }
	return len(name) >= 26 && !strings.ContainsFunc(name, other)
}

func newCredential(label, password string, salt []byte, iterations int, now int64) (storage.Credential, error) {
	if err := passwords.Check(password); err != nil {
		return storage.Credential{}, err
	}
	keys, err := passwords.Derive(password, salt, iterations)
	return storage.Credential{Label: label, StoredKey: keys.Stored, ServerKey: keys.Server, Created: now}, err
}

func infoOf(a storage.DirectoryAccount, addresses []string) AccountInfo {
	return AccountInfo{ID: a.Folder, Name: a.Name, Disabled: a.Disabled, Addresses: addresses, Created: time.Unix(a.Created, 0)}
}

// named returns the account of that name, in any spelling.
func (d *directory) named(name string) (storage.DirectoryAccount, error) {
	canonical, err := canonicalAccountName(name)
	if err != nil {
		return storage.DirectoryAccount{}, err
	}
	a, err := d.store.Account(canonical)
	if errors.Is(err, ErrNotFound) {
		err = ErrNotFound // the file's name says nothing here
		nobody := d.known()
		owner := d.likely(canonical)
		switch {
		case errors.Is(nobody, ErrNoAccounts):
			err = fmt.Errorf("%w: %w", err, nobody)
		case nobody != nil:
			err = nobody // who is there cannot be told
		case owner != "":
			err = fmt.Errorf("%w; did you mean %q?", err, owner)
		}
	}
	if err != nil {
		return a, fmt.Errorf("account %q: %w", canonical, err)
	}
	return a, nil
}

// likely is whom somebody means by a name that no account has: whose address it is, or the one account with that name at
// some domain; "" for nobody.
func (d *directory) likely(canonical string) (name string) {
	for _, address := range loginNames(canonical, d.domain) {
		if owner, err := d.store.Owner(address); err == nil {
			return owner.Name
		}
	}
	namesakes := 0
	err := d.store.Accounts(func(a storage.DirectoryAccount) {
		if local, _, _ := splitAddress(a.Name); local == canonical {
			name = a.Name
			namesakes++
		}
	})
	if err != nil || namesakes != 1 {
		return ""
	}
	return name
}

func (d *directory) list() (infos []AccountInfo, err error) {
	index := map[int64]int{}
	err = d.store.Accounts(func(a storage.DirectoryAccount) {
		index[a.ID] = len(infos)
		infos = append(infos, infoOf(a, nil))
	})
	if err == nil {
		err = d.store.Addresses(func(account int64, address string) {
			if i, ok := index[account]; ok {
				infos[i].Addresses = append(infos[i].Addresses, address)
			}
		})
	}
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return infos, nil
}

// setPassword: see Backend.SetPassword. App passwords hang on the account's
// iterations, so a new count waits until there are none.
func (d *directory) setPassword(name, password string) error {
	a, err := d.named(name)
	if err != nil {
		return err
	}
	apps, err := d.appPasswords(name)
	if err != nil {
		return err
	}
	if len(apps) == 0 {
		a.Salt, a.Iterations = d.saltFor(a.Name), d.iterations
	}
	c, err := newCredential("", password, a.Salt, a.Iterations, d.now().Unix())
	if err == nil {
		err = d.store.SetPassword(a.ID, a.Salt, a.Iterations, c)
	}
	if err != nil {
		return fmt.Errorf("set password of %q: %w", a.Name, err)
	}
	return nil
}

func (d *directory) setDisabled(name string, disabled bool) error {
	a, err := d.named(name)
	if err == nil {
		err = d.store.SetDisabled(a.ID, disabled)
	}
	return err
}

// remove forgets the account and returns the folder to erase.
func (d *directory) remove(name string) (folder string, err error) {
	a, err := d.named(name)
	if err != nil {
		return "", err
	}
	if err := d.store.RemoveAccount(a.ID, d.now().Unix()); err != nil {
		return "", fmt.Errorf("remove account %q: %w", a.Name, err)
	}
	return a.Folder, nil
}

// eraseRemoved deletes the mail of removed accounts, and what unused parts of the
// directory have of them. What a crash leaves is finished at the next start.
func (d *directory) eraseRemoved() error {
	d.erasing.Lock()
	defer d.erasing.Unlock()
	folders, err := d.store.Erasures()
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !isFolder(folder) {
			return fmt.Errorf("erase %q: not the folder of an account", folder)
		}
		if err := os.RemoveAll(filepath.Join(d.data, "accounts", folder)); err != nil {
			return fmt.Errorf("erase account: %w", err)
		}
		if err := d.store.Compact(); err != nil {
			return fmt.Errorf("erase account: %w", err)
		}
		if err := d.store.Erased(folder); err != nil {
			return err
		}
	}
	return nil
}
