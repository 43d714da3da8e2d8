package storage

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

func openDirectoryAt(t *testing.T, path string) *Directory {
	t.Helper()
	d := ok[*Directory](t)(OpenDirectory(path))
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

// An account of another directory.db comes with its passwords and the addresses that are still free; under another name
// with that one only.
func TestAdoptAccount(t *testing.T) {
	dir := t.TempDir()
	old := openDirectoryAt(t, filepath.Join(dir, "old.db"))
	alice := DirectoryAccount{Folder: "f1", Name: "alice@x", Salt: []byte("salt"), Iterations: 5000, Created: 7, Disabled: true}
	id := ok[int64](t)(old.AddAccount(alice, Credential{StoredKey: []byte("s"), ServerKey: []byte("k")}))
	must(t, old.SetDisabled(id, true))
	for _, a := range []string{"a@x", "b@x"} {
		must(t, old.AddAddress(id, a, 8))
	}
	must(t, old.AddCredential(DirectoryAccount{ID: id, Salt: alice.Salt, Iterations: alice.Iterations}, Credential{Label: "phone", StoredKey: []byte("p"), ServerKey: []byte("q"), Created: 9}))
	limits := Limits{1 << 30, NoLimit, Configured}
	must(t, old.SetLimits(id, limits))
	must(t, old.SetHasMail(true, "f1"))
	copied := filepath.Join(dir, "copy.db")
	must(t, CopyDirectory(context.Background(), filepath.Join(dir, "old.db"), copied))

	d := openDirectoryAt(t, filepath.Join(dir, "new.db"))
	ben := ok[int64](t)(d.AddAccount(DirectoryAccount{Folder: "f2", Name: "ben@x", Salt: []byte("x"), Iterations: 4096},
		Credential{StoredKey: []byte("s"), ServerKey: []byte("k")}))
	must(t, d.AddAddress(ben, "a@x", 8))
	for _, folder := range []string{"f2", "f3", "f6"} {
		must(t, d.NoteErasure(folder, 9))
	}
	taken := ok[[]string](t)(d.AdoptAccount(copied, "alice@x", DirectoryAccount{Folder: "f3", Name: "alice@x"}, true))
	if !slices.Equal(taken, []string{"a@x"}) {
		t.Errorf("taken %q", taken)
	}
	got := ok[DirectoryAccount](t)(d.Account("alice@x"))
	alice.ID, alice.Folder = got.ID, "f3"
	if got.Folder != "f3" || !got.Disabled || got.Iterations != 5000 || string(got.Salt) != "salt" || got.Created != 7 {
		t.Errorf("got %+v", got)
	}
	if list := ok[[]string](t)(d.AddressesOf(got.ID)); !slices.Equal(list, []string{"alice@x", "b@x"}) {
		t.Errorf("addresses %q", list)
	}
	if l := ok[Limits](t)(d.LimitsOf("f3")); l != limits {
		t.Errorf("limits %v", l)
	}
	_, list, err := d.Login("alice@x")
	must(t, err)
	if len(list) != 2 || list[1].Label != "phone" || string(list[1].StoredKey) != "p" {
		t.Errorf("credentials %+v", list)
	}

	if taken := ok[[]string](t)(d.AdoptAccount(copied, "alice@x", DirectoryAccount{Folder: "f4", Name: "copy@x"}, false)); taken != nil {
		t.Errorf("taken %q", taken)
	}
	for _, a := range ok[[]DirectoryAccount](t)(ReadDirectory(copied)) {
		if !a.HasMail {
			t.Errorf("it is not noted in the copy: %+v", a)
		}
	}
	if mail, none := ok[bool](t)(d.HasMail("f3")), ok[bool](t)(d.HasMail("f4")); !mail || none {
		t.Errorf("mail that is there is noted as %v, that is not as %v", mail, none)
	}
	second := ok[DirectoryAccount](t)(d.Account("copy@x"))
	if list := ok[[]string](t)(d.AddressesOf(second.ID)); !slices.Equal(list, []string{"copy@x"}) {
		t.Errorf("addresses %q", list)
	}
	if _, err := d.AdoptAccount(copied, "nobody", DirectoryAccount{Folder: "f5", Name: "nobody"}, false); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := d.AdoptAccount(copied, "alice@x", DirectoryAccount{Folder: "f6", Name: "ben@x"}, false); err == nil {
		t.Error("the name of another account was taken")
	}
	if list := ok[[]string](t)(d.Erasures()); !slices.Equal(list, []string{"f6"}) {
		t.Errorf("to be erased: %q, an account's folder never is", list)
	}
}
