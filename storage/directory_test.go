package storage

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func testDirectory(t *testing.T) *Directory {
	t.Helper()
	d, err := OpenDirectory(filepath.Join(t.TempDir(), "directory.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func testAdd(t *testing.T, d *Directory, name string) int64 {
	t.Helper()
	a := DirectoryAccount{Folder: "folder-" + name, Name: name, Salt: []byte("salt"), Iterations: 4096, Created: 100}
	id, err := d.AddAccount(a, Credential{StoredKey: []byte("stored " + name), ServerKey: []byte("server"), Created: 100})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDirectoryLogin(t *testing.T) {
	d := testDirectory(t)
	id := testAdd(t, d, "alice")
	testAdd(t, d, "bob")
	if err := d.AddAddress(id, "alice@example.org", 101); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"alice", "alice@example.org"} {
		a, list, err := d.Login(address)
		if err != nil || a.Name != "alice" || a.Folder != "folder-alice" || len(list) != 1 || string(list[0].StoredKey) != "stored alice" {
			t.Errorf("Login(%q) = %+v, %+v, %v", address, a, list, err)
		}
	}
	if _, _, err := d.Login("carol"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Login(carol): %v, want ErrNotFound", err)
	}
}

func TestDirectoryConflicts(t *testing.T) {
	d := testDirectory(t)
	alice, bob := testAdd(t, d, "alice"), testAdd(t, d, "bob")
	if err := d.AddAddress(bob, "alice", 1); !errors.Is(err, ErrExists) {
		t.Errorf("another's name as address: %v, want ErrExists", err)
	}
	if _, err := d.AddAccount(DirectoryAccount{Folder: "x", Name: "bob", Salt: []byte("s"), Iterations: 4096}, Credential{}); !errors.Is(err, ErrExists) {
		t.Errorf("name taken: %v, want ErrExists", err)
	}
	if err := d.AddAddress(alice, "carol", 1); err != nil {
		t.Fatal(err)
	}
	// The account is not half there after its address was refused.
	if _, err := d.AddAccount(DirectoryAccount{Folder: "y", Name: "carol", Salt: []byte("s"), Iterations: 4096}, Credential{}); !errors.Is(err, ErrExists) {
		t.Errorf("name taken as address: %v, want ErrExists", err)
	}
	if _, err := d.Account("carol"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Account(carol): %v, want ErrNotFound", err)
	}
	if err := d.RemoveAddress(bob, "carol"); !errors.Is(err, ErrNotFound) {
		t.Errorf("remove another's address: %v, want ErrNotFound", err)
	}
}

func TestDirectoryCredentials(t *testing.T) {
	d := testDirectory(t)
	id := testAdd(t, d, "alice")
	a, err := d.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	app := Credential{Label: "phone", StoredKey: []byte("app"), ServerKey: []byte("app"), Created: 200}
	if err := d.AddCredential(a, app); err != nil {
		t.Fatal(err)
	}
	if err := d.AddCredential(a, app); !errors.Is(err, ErrExists) {
		t.Errorf("label taken: %v, want ErrExists", err)
	}
	if err := d.SetPassword(id, []byte("other salt"), 4096, Credential{StoredKey: []byte("n"), ServerKey: []byte("n")}); !errors.Is(err, ErrExists) {
		t.Errorf("new salt beside an app password: %v, want ErrExists", err)
	}
	if err := d.SetPassword(id, a.Salt, a.Iterations, Credential{StoredKey: []byte("n"), ServerKey: []byte("n")}); err != nil {
		t.Fatal(err)
	}
	list, err := d.Credentials(id)
	if err != nil || len(list) != 2 || list[0].Label != "phone" || string(list[1].StoredKey) != "n" {
		t.Fatalf("credentials: %+v, %v", list, err)
	}
	phone, password := list[0].ID, list[1].ID
	for account, credential := range map[int64]int64{id: password, testAdd(t, d, "bob"): phone} {
		if err := d.RemoveCredential(account, credential); !errors.Is(err, ErrNotFound) {
			t.Errorf("remove the password itself, or another account's: %v, want ErrNotFound", err)
		}
	}
	must(t, d.RemoveCredential(id, phone))
	if err := d.RemoveCredential(id, phone); !errors.Is(err, ErrNotFound) {
		t.Errorf("remove twice: %v, want ErrNotFound", err)
	}
}

// TestDirectoryUse: a use is noted once in a while, from wherever it is.
func TestDirectoryUse(t *testing.T) {
	d := testDirectory(t)
	id := testAdd(t, d, "alice")
	credential := ok[[]Credential](t)(d.Credentials(id))[0].ID
	for _, use := range []struct {
		now, since int64
		from       string
		want       int64
		wantFrom   string
	}{
		{300, 0, "192.0.2.1", 300, "192.0.2.1"},
		{301, 1, "192.0.2.2", 300, "192.0.2.1"},
		{600, 300, "2001:db8::1", 600, "2001:db8::1"},
		{900, 600, "", 900, ""},
		{700, 400, "192.0.2.3", 700, "192.0.2.3"}, // the clock was ahead
	} {
		must(t, d.TouchCredential(credential, use.now, use.since, use.from))
		if c := ok[[]Credential](t)(d.Credentials(id))[0]; c.Used != use.want || c.UsedFrom != use.wantFrom {
			t.Errorf("%+v: used %d from %q", use, c.Used, c.UsedFrom)
		}
	}
}

// TestCredentialIDs: the id of an app password that was revoked is not the next one's, nor after another start.
func TestCredentialIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "directory.db")
	d := ok[*Directory](t)(OpenDirectory(path))
	account := testAdd(t, d, "alice")
	a := ok[DirectoryAccount](t)(d.Account("alice"))
	seen := map[int64]bool{}
	for range 3 {
		must(t, d.AddCredential(a, Credential{Label: "phone", StoredKey: []byte("a"), ServerKey: []byte("a")}))
		phone := ok[[]Credential](t)(d.Credentials(account))[1].ID
		if seen[phone] {
			t.Errorf("id %d is given again", phone)
		}
		seen[phone] = true
		must(t, d.RemoveCredential(account, phone))
		must(t, d.Close())
		d = ok[*Directory](t)(OpenDirectory(path))
	}
	must(t, d.Close())
}

func TestDirectoryRemove(t *testing.T) {
	d := testDirectory(t)
	id := testAdd(t, d, "alice")
	if err := d.RemoveAccount(id, 500); err != nil {
		t.Fatal(err)
	}
	if err := d.RemoveAccount(id, 500); !errors.Is(err, ErrNotFound) {
		t.Errorf("remove twice: %v, want ErrNotFound", err)
	}
	if _, err := d.Owner("alice"); !errors.Is(err, ErrNotFound) {
		t.Errorf("address survives: %v", err)
	}
	if list, err := d.Credentials(id); len(list) != 0 || err != nil {
		t.Errorf("credentials survive: %v, %v", list, err)
	}
	folders, err := d.Erasures()
	if err != nil || !slices.Equal(folders, []string{"folder-alice"}) {
		t.Errorf("erasures %v, %v", folders, err)
	}
	if err := d.Erased("folder-alice"); err != nil {
		t.Fatal(err)
	}
	if folders, _ = d.Erasures(); len(folders) != 0 {
		t.Errorf("erasures %v, want none", folders)
	}
}

func TestDirectoryKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "directory.db")
	for _, fresh := range []string{"one", "two"} {
		d, err := OpenDirectory(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Secret("decoy", []byte(fresh)); string(got) != "one" || err != nil {
			t.Errorf("secret %q, %v, want the first one", got, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestDirectoryLists(t *testing.T) {
	d := testDirectory(t)
	bob, alice := testAdd(t, d, "bob"), testAdd(t, d, "alice")
	if err := d.AddAddress(bob, "@example.org", 1); err != nil {
		t.Fatal(err)
	}
	var names []string
	if err := d.Accounts(func(a DirectoryAccount) { names = append(names, a.Name) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(names, []string{"alice", "bob"}) {
		t.Errorf("accounts %v", names)
	}
	owners := map[string]int64{}
	if err := d.Addresses(func(id int64, address string) { owners[address] = id }); err != nil {
		t.Fatal(err)
	}
	if len(owners) != 3 || owners["alice"] != alice || owners["@example.org"] != bob {
		t.Errorf("addresses %v", owners)
	}
	if list, err := d.AddressesOf(bob); err != nil || !slices.Equal(list, []string{"@example.org", "bob"}) {
		t.Errorf("bob's addresses %v, %v", list, err)
	}
	if err := d.SetDisabled(bob, true); err != nil {
		t.Fatal(err)
	}
	if a, err := d.Account("bob"); err != nil || !a.Disabled {
		t.Errorf("bob is %+v, %v, want disabled", a, err)
	}
}

func TestDirectoryLimits(t *testing.T) {
	d := testDirectory(t)
	alice, bob := testAdd(t, d, "alice"), testAdd(t, d, "bob")
	none, own := Limits{Configured, Configured, Configured}, Limits{1 << 40, NoLimit, 0}
	for _, l := range []Limits{own, {Configured, 5, Configured}, none, own} {
		must(t, d.SetLimits(alice, l))
		if got := ok[Limits](t)(d.LimitsOf("folder-alice")); got != l {
			t.Errorf("alice's limits are %v, want %v", got, l)
		}
	}
	must(t, d.SetLimits(bob, own))
	must(t, d.RemoveAccount(bob, 1))
	for _, folder := range []string{"folder-bob", "folder-carol"} {
		if got := ok[Limits](t)(d.LimitsOf(folder)); got != none {
			t.Errorf("%s has limits %v", folder, got)
		}
	}
	if err := d.SetLimits(bob, own); !errors.Is(err, ErrNotFound) {
		t.Errorf("limits of a removed account: %v", err)
	}
}

// TestDirectoryClosed: who comes too late is told.
func TestDirectoryClosed(t *testing.T) {
	d := testDirectory(t)
	id := testAdd(t, d, "alice")
	d.Close()
	_, _, login := d.Login("alice")
	_, owner := d.Owner("alice")
	for _, err := range []error{login, owner, d.SetDisabled(id, true), d.Erased("x"), d.Accounts(func(DirectoryAccount) {}), d.RemoveAccount(id, 1)} {
		if !errors.Is(err, errClosed) {
			t.Errorf("got %v", err)
		}
	}
}
