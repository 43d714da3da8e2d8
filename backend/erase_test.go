package backend

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"satchel/storage"
)

// filesWith lists the files of an account's folder that have some bytes.
func filesWith(t testing.TB, a *Account, needle []byte) (names []string) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(a.backend.cfg.Data, "accounts", a.id, "*"))
	if err != nil || len(list) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range list {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, needle) {
			names = append(names, filepath.Base(name))
		}
	}
	return names
}

// secretLetter appends a message with a subject and random bytes, which nothing compresses.
func secretLetter(t testing.TB, a *Account, mailbox, subject string) []byte {
	t.Helper()
	body := make([]byte, 3000)
	rand.Read(body)
	body = bytes.ReplaceAll(body, []byte{0}, []byte{1})
	if _, _, err := a.Append(mailbox, incoming(t, a, "Subject: "+subject+"\r\n\r\n"+string(body))); err != nil {
		t.Fatal(err)
	}
	return body[1000:1032]
}

// TestErase: of what is erased nothing is left in the files, all else stays.
func TestErase(t *testing.T) {
	_, a := testAccount(t)
	try(t, a.Create("Hideaway", ""))
	kept := secretLetter(t, a, "INBOX", "keepsake")
	secret := secretLetter(t, a, "Hideaway", "confidential")
	try(t, a.mail.Checkpoint())
	indexAll(t, a)
	try(t, a.Delete("Hideaway"))
	for _, needle := range []string{"confidential", string(secret), "Hideaway"} {
		if filesWith(t, a, []byte(needle)) == nil {
			t.Fatalf("%q is not in the files as it is", needle)
		}
	}
	letters(t, a, "INBOX", "other")
	v := open(t, a, "INBOX", false)
	n, err := a.Erase(t.Context(), ExpungedFilter{Subject: "confid"}, agreed, untold)
	if err != nil || n != 1 {
		t.Fatalf("erased %d, %v", n, err)
	}
	for _, needle := range []string{"confidential", string(secret), "Hideaway"} {
		if names := filesWith(t, a, []byte(needle)); names != nil {
			t.Errorf("%q is in %q", needle, names)
		}
	}
	for _, needle := range []string{"keepsake", string(kept)} {
		if !slices.Contains(filesWith(t, a, []byte(needle)), "mail.db") {
			t.Errorf("%q is gone", needle)
		}
	}
	if mark, err := a.mail.Unclean(); err != nil || mark != 0 {
		t.Errorf("unclean %d, %v", mark, err)
	}
	letters(t, a, "INBOX", "later")
	v.Pull(true)
	indexAll(t, a)
	found, err := v.Search(t.Context(), &Query{Op: QueryText, Needle: []byte("E")}, SearchOptions{})
	if err != nil || found.Len() == 0 || v.Exists() != 3 {
		t.Errorf("%d found among %d, %v", found.Len(), v.Exists(), err)
	}
	if found, err := a.mail.Check(t.Context(), true); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}

// TestEraseWhileViewed: who still counts an erased message cannot read it, and may search.
func TestEraseWhileViewed(t *testing.T) {
	_, a := testAccount(t)
	letters(t, a, "INBOX", "one", "two")
	v := open(t, a, "INBOX", false)
	rows := v.Rows(v.All(), 0, 2, nil)
	expungeAll(t, a, "INBOX")
	if n, err := a.Erase(t.Context(), ExpungedFilter{Subject: "one"}, agreed, untold); n != 1 || err != nil {
		t.Fatalf("erased %d, %v", n, err)
	}
	if _, err := v.AppendBytes(nil, &rows[0], 0, 10); !errors.Is(err, ErrNotFound) {
		t.Errorf("erased: %v", err)
	}
	if b, err := v.AppendBytes(nil, &rows[1], 0, 5); err != nil || string(b) != "From:" {
		t.Errorf("expunged: %q, %v", b, err)
	}
	found, err := v.Search(t.Context(), &Query{Op: QueryText, Needle: []byte("ABOUT")}, SearchOptions{})
	if got := numbers(v, found.Selection, false); err != nil || !slices.Equal(got, []uint32{2}) {
		t.Errorf("found %v, %v", got, err)
	}
}

// TestEraseInterrupted: what was begun is finished later.
func TestEraseInterrupted(t *testing.T) {
	b, a := testAccountWith(t, Config{Data: t.TempDir(), NoIndex: true})
	secret := secretLetter(t, a, "INBOX", "confidential")
	expungeAll(t, a, "INBOX")
	ctx, stop := context.WithCancel(t.Context())
	n, err := a.Erase(ctx, ExpungedFilter{}, agreed, func(done, total int) error { stop(); return nil })
	if n != 1 || err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("erased %d, %v", n, err)
	}
	if _, err := a.Erase(ctx, ExpungedFilter{}, agreed, untold); !errors.Is(err, context.Canceled) {
		t.Errorf("went on: %v", err)
	}
	b.tidyAt(time.Now().Add(24 * time.Hour))
	if names := filesWith(t, a, secret); names != nil {
		t.Errorf("the message is in %q", names)
	}
	if _, err := os.Stat(a.searchFile()); err == nil {
		t.Error("there is a search index where none is kept")
	}
}

// TestEraseShared: a file that another process reads cannot be exchanged, and stays as it is.
func TestEraseShared(t *testing.T) {
	_, a := testAccount(t)
	letters(t, a, "INBOX", "one", "two")
	expungeAll(t, a, "INBOX")
	other, err := storage.OpenMail(filepath.Join(a.backend.cfg.Data, "accounts", a.id, "mail.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Erase(t.Context(), ExpungedFilter{}, agreed, untold); !errors.Is(err, storage.ErrShared) {
		t.Errorf("erased: %v", err)
	}
	letters(t, a, "INBOX", "three")
	try(t, other.Close())
	if n, err := a.Erase(t.Context(), ExpungedFilter{}, agreed, untold); n != 0 || err != nil {
		t.Errorf("the second time: %d, %v", n, err)
	}
	if names := filesWith(t, a, []byte("about two")); names != nil {
		t.Errorf("the message is in %q", names)
	}
	if st, err := a.Status("INBOX"); err != nil || st.Messages != 1 {
		t.Errorf("%+v, %v", st, err)
	}
	for _, name := range filesWith(t, a, nil) {
		if strings.HasSuffix(name, ".new") {
			t.Errorf("%s was left", name)
		}
	}
}

// TestEraseTwiceAtOnce: an erasure that comes to its end does not take one that began meanwhile for done.
func TestEraseTwiceAtOnce(t *testing.T) {
	_, a := testAccountWith(t, Config{Data: t.TempDir(), NoIndex: true})
	secret := secretLetter(t, a, "INBOX", "confidential")
	letters(t, a, "INBOX", "other")
	expungeAll(t, a, "INBOX")
	first := change{run: func(tx *storage.Tx) error { return tx.SetUnclean() }}
	try(t, a.write(&first))
	mark, err := a.mail.Unclean()
	try(t, err)
	try(t, a.mail.Compact(t.Context()))
	n, err := a.Erase(t.Context(), ExpungedFilter{Subject: "confid"}, agreed, func(int, int) error {
		return a.write(&change{run: func(tx *storage.Tx) error { return tx.SetClean(mark) }})
	})
	if n != 1 || err != nil {
		t.Fatalf("erased %d, %v", n, err)
	}
	if names := filesWith(t, a, secret); names != nil {
		t.Errorf("the message is in %q", names)
	}
}
