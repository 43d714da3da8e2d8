package backend

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestMailThatIsGone: an account whose mail was taken away is refused, whatever of it was, and nothing is made in its place.
// Put back, it is there. One that is new, or was not noted yet when the process was killed, is opened.
func TestMailThatIsGone(t *testing.T) {
	data := t.TempDir()
	var b *Backend
	reopen := func() {
		if b != nil {
			try(t, b.Close())
		}
		var err error
		b, err = Open(Config{Data: data, NoIndex: true})
		try(t, err)
	}
	reopen()
	defer func() { try(t, b.Close()) }()
	info, err := b.AddAccount("alice", "secret")
	try(t, err)
	look := func() (Status, error) {
		a, err := b.Account(info.ID, info.Name)
		if err != nil {
			return Status{}, err
		}
		defer a.Release()
		return a.Status("INBOX")
	}
	first, err := look()
	try(t, err)

	accounts, away := filepath.Join(data, "accounts"), filepath.Join(data, "away")
	home := filepath.Join(accounts, info.ID)
	mail := filepath.Join(home, "mail.db")
	for name, lose := range map[string]func() (back func() error){
		"all accounts": func() func() error {
			try(t, os.Rename(accounts, away))
			return func() error { return os.Rename(away, accounts) }
		},
		"the folder": func() func() error {
			try(t, os.Rename(home, away))
			return func() error { return os.Rename(away, home) }
		},
		"the file": func() func() error {
			try(t, os.Rename(mail, away))
			return func() error { return os.Rename(away, mail) }
		},
		"the bytes": func() func() error {
			try(t, os.Rename(mail, away), os.WriteFile(mail, nil, 0o600))
			return func() error { return os.Rename(away, mail) }
		},
	} {
		reopen() // so that the files are closed
		back := lose()
		if _, err := look(); !errors.Is(err, ErrMailGone) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := b.AccountByName("alice"); err != nil || !now.MailGone {
			t.Errorf("%s: %+v, %v", name, now, err)
		}
		try(t, back())
		if st, err := look(); err != nil || st.UIDValidity != first.UIDValidity {
			t.Errorf("%s is back: %+v, %v", name, st, err)
		}
	}

	reopen()
	try(t, b.dir.store.SetHasMail(false, info.ID)) // as before it was first opened
	if st, err := look(); err != nil || st.UIDValidity != first.UIDValidity {
		t.Errorf("not noted: %+v, %v", st, err)
	}
	if has, err := b.dir.store.HasMail(info.ID); err != nil || !has {
		t.Errorf("it is not noted after that: %v", err)
	}

	try(t, b.dir.store.SetHasMail(false, info.ID)) // as an older version left it, which is started anew
	reopen()
	if has, err := b.dir.store.HasMail(info.ID); err != nil || !has {
		t.Errorf("it is not noted at the start: %v", err)
	}

	reopen()
	try(t, b.dir.store.SetHasMail(false, info.ID), os.Remove(mail), os.WriteFile(filepath.Join(home, "search.db"), nil, 0o600))
	if _, err := look(); !errors.Is(err, ErrMailGone) {
		t.Errorf("only its index is there: %v", err)
	}
}

// TestRefillBrokenOff: mail that was to be put back and was not, for it is not in the backup or the power went, is missed
// as before, even if only an index has told that there was some.
func TestRefillBrokenOff(t *testing.T) {
	data := t.TempDir()
	b, err := Open(Config{Data: data, NoIndex: true})
	try(t, err)
	defer func() { try(t, b.Close()) }()
	info, err := b.AddAccount("alice", "secret")
	try(t, err)
	home := filepath.Join(data, "accounts", info.ID)
	try(t, os.MkdirAll(home, 0o700), os.WriteFile(filepath.Join(home, "search.db"), nil, 0o600))
	if err := b.dir.refill(t.TempDir(), info.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("put back from nothing: %v", err)
	}
	if _, err := b.Account(info.ID, info.Name); !errors.Is(err, ErrMailGone) {
		t.Errorf("after that: %v", err)
	}
}
