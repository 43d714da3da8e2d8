package backend

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"satchel/backend/passwords"
)

// testClock is a clock that only moves when told to.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newTestClock() *testClock { return &testClock{now: time.Unix(1_800_000_000, 0)} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// testDirectory opens an empty directory with cheap passwords.
func testDirectory(t testing.TB, cfg LoginConfig) (*directory, *testClock) {
	t.Helper()
	clock := newTestClock()
	if cfg.Iterations == 0 {
		cfg.Iterations = passwords.MinIterations
	}
	d, err := openDirectory(t.TempDir(), cfg, slog.New(slog.DiscardHandler), clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.close() })
	return d, clock
}

func mustAdd(t testing.TB, d *directory, name, password string) AccountInfo {
	t.Helper()
	info, err := d.addAccount(name, password)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestAddAccount(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	info := mustAdd(t, d, "Alice@EXAMPLE.org", "secret")
	if info.Name != "alice@example.org" || !isFolder(info.ID) || !slices.Equal(info.Addresses, []string{"alice@example.org"}) {
		t.Errorf("added %+v", info)
	}
	if _, err := d.addAccount("ALICE@example.org", "x"); !errors.Is(err, ErrExists) {
		t.Errorf("same name again: %v, want ErrExists", err)
	}
	mustAdd(t, d, "alice", "other") // without a domain it is another account
	for _, password := range []string{"", "\u00ad", "two\nlines", strings.Repeat("x", passwords.MaxLength+1)} {
		if _, err := d.addAccount("bob", password); err == nil || strings.Contains(err.Error(), "lines") {
			t.Errorf("password %.20q: %v, want an error without it", password, err)
		}
	}
	list, err := d.list()
	if err != nil || len(list) != 2 || list[0].Name != "alice" || list[1].Name != "alice@example.org" {
		t.Errorf("accounts %+v, %v", list, err)
	}
}

func TestAddressConflicts(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "x")
	mustAdd(t, d, "bob", "x")
	if err := d.addAddress("alice", "Info@Example.org"); err != nil {
		t.Fatal(err)
	}
	err := d.addAddress("bob", "info@example.org")
	if !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), `"alice"`) {
		t.Errorf("address taken: %v, want ErrExists naming alice", err)
	}
	if _, err := d.addAccount("info@example.org", "x"); !errors.Is(err, ErrExists) {
		t.Errorf("address as a new name: %v, want ErrExists", err)
	}
	if err := d.removeAddress("alice", "alice"); !errors.Is(err, ErrCannot) {
		t.Errorf("remove the name: %v, want ErrCannot", err)
	}
	if err := d.removeAddress("bob", "info@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("remove another's: %v, want ErrNotFound", err)
	}
	if err := d.removeAddress("alice", "info@example.org"); err != nil {
		t.Error(err)
	}
	if err := d.addAddress("bob", "info@example.org"); err != nil {
		t.Errorf("address free again: %v", err)
	}
	if err := d.addAddress("carol", "x@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown account: %v, want ErrNotFound", err)
	}
}

func TestResolveAddress(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{Domain: "home.example"})
	mustAdd(t, d, "alice", "x")
	mustAdd(t, d, "bob@example.org", "x")
	mustAdd(t, d, "carol@home.example", "x")
	mustAdd(t, d, "postbag", "x")
	for account, address := range map[string]string{
		"alice": "alice+lists@example.org", "bob@example.org": "müller@bücher.example", "postbag": "@example.org",
	} {
		if err := d.addAddress(account, address); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ address, want, detail string }{
		{"alice", "alice", ""},
		{"Alice@anywhere.example", "alice", ""},
		{"alice+work@anywhere.example", "alice", "work"},
		{"alice+lists@example.org", "alice", ""},
		{"ALICE+Lists@example.org.", "alice", ""},
		{"bob@example.org", "bob@example.org", ""},
		{"bob+a+b@example.org", "bob@example.org", "a+b"},
		{"bob@example.com", "", ""},
		{"bob", "", ""},
		{"carol", "carol@home.example", ""},
		{"carol+x", "carol@home.example", "x"},
		{"MÜLLER@xn--bcher-kva.example", "bob@example.org", ""},
		{"mu\u0308ller@BÜCHER.example", "bob@example.org", ""},
		{"whoever@example.org", "postbag", ""},
		{"whoever+detail@example.org", "postbag", "detail"},
		{"+detail@example.org", "postbag", ""},
		{"@example.org", "", ""},
		{"", "", ""},
		{"a b@example.org", "", ""},
		{strings.Repeat("a", 300) + "@example.org", "", ""},
	} {
		a, detail, err := d.resolve(c.address)
		if a.Name != c.want || detail != c.detail || (c.want == "") != errors.Is(err, ErrNotFound) {
			t.Errorf("resolve(%.40q) = %q, %q, %v; want %q, %q", c.address, a.Name, detail, err, c.want, c.detail)
		}
	}
}

// TestResolveSender: an address that receives at every domain sends from none but the default one.
func TestResolveSender(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{Domain: "home.example"})
	mustAdd(t, d, "alice", "x")
	mustAdd(t, d, "bob@example.org", "x")
	mustAdd(t, d, "postbag", "x")
	if err := d.addAddress("postbag", "@example.net"); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"alice": "alice", "Alice@HOME.example": "alice", "alice+lists@home.example": "alice", "alice@example.com": "", "alice+x@example.com": "",
		"BOB@example.org": "bob@example.org", "bob+x@example.org": "bob@example.org", "bob@example.com": "",
		"alice@example.net": "postbag", "whoever@example.net": "postbag", "@example.net": "", "": "", "a b@example.net": "",
	} {
		a, err := d.resolveSender(address)
		if a.Name != want || (want == "") != errors.Is(err, ErrNotFound) {
			t.Errorf("resolveSender(%q) = %q, %v; want %q", address, a.Name, err, want)
		}
	}
}

func TestAccountNames(t *testing.T) {
	for name, want := range map[string]string{
		"alice": "alice", "Alice.B_c-d": "alice.b_c-d", "ALICE@Example.ORG": "alice@example.org",
		"Ｗｉｄｅ": "wide", "jürgen@xn--bcher-kva.example": "jürgen@bücher.example", "u0": "u0",
		"a@localhost": "a@localhost", "müller": "müller", "日本@例え.テスト": "日本@例え.テスト",
		"": "", "@example.org": "", "a b": "", "a/b": "", `a\b`: "", "..": "", ".a": "", "a..b": "", "a\x00b": "", "a\n": "",
		"a+b": "", "-a": "", "anyone": "", "Anonymous": "", "a@": "", "a@b@c": "", "a@b c": "", "a@..": "", "a%": "", "a*": "",
		strings.Repeat("a", 65): "", "a@" + strings.Repeat("b", 254): "", "\xff": "", "ａ／ｂ": "", "a@\u202eb": "",
	} {
		got, err := canonicalAccountName(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("canonicalAccountName(%.30q) = %q, %v; want %q", name, got, err, want)
		}
		if again, err := canonicalAccountName(got); want != "" && (again != got || err != nil) {
			t.Errorf("canonicalAccountName(%q) = %q, %v; want no change", got, again, err)
		}
	}
}

func TestRemoveAccount(t *testing.T) {
	data := t.TempDir()
	open := func() *directory {
		d, err := openDirectory(data, LoginConfig{Iterations: passwords.MinIterations}, slog.New(slog.DiscardHandler), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := open()
	info, other := mustAdd(t, d, "alice", "x"), mustAdd(t, d, "bob", "x")
	for _, id := range []string{info.ID, other.ID} {
		if err := os.MkdirAll(filepath.Join(data, "accounts", id), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.remove("alice"); err != nil {
		t.Fatal(err)
	}
	d.close() // the power goes before the folder is erased
	d = open()
	defer d.close()
	if _, err := os.Stat(filepath.Join(data, "accounts", info.ID)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder of alice after the next start: %v, want none", err)
	}
	if _, err := os.Stat(filepath.Join(data, "accounts", other.ID)); err != nil {
		t.Errorf("folder of bob: %v", err)
	}
	if again := mustAdd(t, d, "alice", "x"); again.ID == info.ID {
		t.Error("a new account has the folder of a removed one")
	}
	if _, err := d.remove("nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("remove nobody: %v, want ErrNotFound", err)
	}
}

func TestLoginConfig(t *testing.T) {
	for _, cfg := range []LoginConfig{{Iterations: 1000}, {Domain: "not a domain"}} {
		if d, err := openDirectory(t.TempDir(), cfg, slog.New(slog.DiscardHandler), time.Now); err == nil {
			d.close()
			t.Errorf("%+v: no error", cfg)
		}
	}
}

// TestNobody: where there is no account, an address is not nobody's: it cannot be told whose it is.
func TestNobody(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	ask := func(when string, want error) {
		t.Helper()
		if _, _, err := d.resolve("alice@example.org"); !errors.Is(err, want) {
			t.Errorf("%s: whose is the address: %v, want %v", when, err, want)
		}
		if _, err := d.resolveSender("alice@example.org"); !errors.Is(err, want) {
			t.Errorf("%s: who may send: %v, want %v", when, err, want)
		}
		if _, err := d.named("alice"); !errors.Is(err, ErrNotFound) || errors.Is(err, ErrNoAccounts) != (want == ErrNoAccounts) {
			t.Errorf("%s: who has the name: %v", when, err)
		}
		ours, err := d.hasDomain("example.org")
		if ours || want == ErrNoAccounts != errors.Is(err, ErrNoAccounts) {
			t.Errorf("%s: the domain is ours: %v, %v", when, ours, err)
		}
	}
	ask("without accounts", ErrNoAccounts)
	mustAdd(t, d, "carol@example.net", "secret")
	ask("with one", ErrNotFound)
	if _, err := d.remove("carol@example.net"); err != nil {
		t.Fatal(err)
	}
	ask("after the last was removed", ErrNoAccounts)
}

// TestLikely: who types a name that no account has is told whom that may mean, where it is one.
func TestLikely(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{Domain: "home.example"})
	for _, name := range []string{"alice@home.example", "ben@example.org", "carol@example.org", "carol@example.net"} {
		mustAdd(t, d, name, "secret")
	}
	if err := d.addAddress("ben@example.org", "sales@example.org"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"alice": "alice@home.example", "ben": "ben@example.org", "Sales@Example.ORG": "ben@example.org",
		"carol": "", "carol@example.com": "", "nobody": "", "sales": "",
	} {
		wanted := ErrNotFound.Error()
		if want != "" {
			wanted += `; did you mean "` + want + `"?`
		}
		if _, err := d.named(name); !errors.Is(err, ErrNotFound) || !strings.HasSuffix(err.Error(), wanted) {
			t.Errorf("%s: %v, want an end with %s", name, err, wanted)
		}
	}
}
