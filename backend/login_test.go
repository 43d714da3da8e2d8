package backend

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"satchel/backend/passwords"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// logIn tries a password from loopback, which is never slowed.
func logIn(t testing.TB, d *directory, user, password string) error {
	t.Helper()
	_, _, err := d.authenticate(context.Background(), user, password, loopback, true)
	return err
}

func TestLoginNames(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{Domain: "home.example"})
	mustAdd(t, d, "alice", "secret")
	mustAdd(t, d, "bob@home.example", "secret")
	for account, address := range map[string]string{"alice": "info@example.org", "bob@home.example": "@example.org"} {
		if err := d.addAddress(account, address); err != nil {
			t.Fatal(err)
		}
	}
	for user, want := range map[string]string{
		"alice": "alice", "ALICE": "alice", "alice@anywhere.example": "alice", "Info@Example.ORG": "alice",
		"bob": "bob@home.example", "bob@home.example": "bob@home.example",
		"bob@elsewhere.example": "", "alice+detail": "", "@example.org": "", "who@example.org": "", "": "", "\x00": "", "a b": "",
	} {
		a, _, err := d.authenticate(context.Background(), user, "secret", loopback, true)
		if want == "" && !errors.Is(err, ErrAuth) || want != "" && (err != nil || a.Name != want) {
			t.Errorf("login as %q: %q, %v; want %q", user, a.Name, err, want)
		}
	}
}

func TestLoginPasswords(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "I\u00adX ª \u00e9 €")
	for password, ok := range map[string]bool{
		"I\u00adX ª \u00e9 €": true,
		"IX a \u00e9 €":       true, // RFC 4013, 3: SASLprep makes them one
		"IX a e\u0301 €":      true,
		"IX a e €":            false,
		"ix a \u00e9 €":       false,
		"":                    false,
		strings.Repeat("x", passwords.MaxLength+1): false,
	} {
		if err := logIn(t, d, "alice", password); (err == nil) != ok || !ok && !errors.Is(err, ErrAuth) {
			t.Errorf("password %.20q: %v, want ok=%v", password, err, ok)
		}
	}
	for i, password := range []string{"päss\U0001F600", "a\u05d0b"} { // what SASLprep refuses
		user := fmt.Sprintf("u%d", i)
		mustAdd(t, d, user, password)
		if err := logIn(t, d, user, password); err != nil {
			t.Errorf("password %q: %v", password, err)
		}
	}
	for _, password := range []string{"", "a\nb", "p\xe4ssword", "\xff\xfep\x00", strings.Repeat("x", passwords.MaxLength+1)} { // which no mail program could send
		if err := d.setPassword("alice", password); err == nil {
			t.Errorf("password %.20q was taken", password)
		}
	}
}

func TestPasswordChange(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "old")
	if err := logIn(t, d, "alice", "old"); err != nil {
		t.Fatal(err)
	}
	if err := d.setPassword("Alice", "new"); err != nil {
		t.Fatal(err)
	}
	if err := logIn(t, d, "alice", "old"); !errors.Is(err, ErrAuth) {
		t.Errorf("old password: %v, want ErrAuth though it was remembered", err)
	}
	if err := logIn(t, d, "alice", "new"); err != nil {
		t.Errorf("new password: %v", err)
	}
	if err := d.setPassword("bob", "new"); !errors.Is(err, ErrNotFound) {
		t.Errorf("set nobody's password: %v, want ErrNotFound", err)
	}
}

func TestDisabled(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	if err := logIn(t, d, "alice", "secret"); err != nil {
		t.Fatal(err)
	}
	if err := d.setDisabled("alice", true); err != nil {
		t.Fatal(err)
	}
	if err := logIn(t, d, "alice", "secret"); !errors.Is(err, ErrDisabled) {
		t.Errorf("disabled: %v, want ErrDisabled", err)
	}
	if err := logIn(t, d, "alice", "wrong"); !errors.Is(err, ErrAuth) {
		t.Errorf("disabled and wrong: %v, want ErrAuth", err)
	}
	if a, _, err := d.resolve("alice@example.org"); err != nil || a.Name != "alice" {
		t.Errorf("mail for a disabled account: %v, %v; want it to arrive", a.Name, err)
	}
	if err := d.setDisabled("alice", false); err != nil {
		t.Fatal(err)
	}
	if err := logIn(t, d, "alice", "secret"); err != nil {
		t.Errorf("enabled again: %v", err)
	}
}

func TestAppPasswords(t *testing.T) {
	d, clock := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	phone, err := d.addAppPassword("alice", "  my   phone ")
	if err != nil || len(phone) != 23 {
		t.Fatalf("app password %q, %v", phone, err)
	}
	if _, err := d.addAppPassword("alice", "my phone"); !errors.Is(err, ErrExists) {
		t.Errorf("label taken: %v, want ErrExists", err)
	}
	if _, err := d.addAppPassword("alice", " \t"); err == nil {
		t.Error("empty label: no error")
	}
	clock.advance(24 * time.Hour)
	for _, spelling := range []string{phone, strings.ToUpper(phone), strings.ReplaceAll(phone, "-", " "), strings.ReplaceAll(phone, "-", "")} {
		if err := logIn(t, d, "alice", spelling); err != nil {
			t.Errorf("app password as %q: %v", spelling, err)
		}
	}
	if err := logIn(t, d, "alice", phone[1:]); !errors.Is(err, ErrAuth) {
		t.Errorf("part of the app password: %v, want ErrAuth", err)
	}
	apps, err := d.appPasswords("alice")
	if err != nil || len(apps) != 1 || apps[0].Label != "my phone" || !apps[0].Used.Equal(clock.Now()) {
		t.Errorf("app passwords %+v, %v", apps, err)
	}
	if err := d.setPassword("alice", "changed"); err != nil {
		t.Fatal(err)
	}
	if err := logIn(t, d, "alice", phone); err != nil {
		t.Errorf("app password after a new password: %v", err)
	}
	if _, err := d.revokeAppPassword("alice", "my phone"); err != nil {
		t.Fatal(err)
	}
	if err := logIn(t, d, "alice", phone); !errors.Is(err, ErrAuth) {
		t.Errorf("revoked: %v, want ErrAuth though it was remembered", err)
	}
	if _, err := d.revokeAppPassword("alice", "my phone"); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked twice: %v, want ErrNotFound", err)
	}
}

// The iterations of an account with app passwords stay: they would break.
func TestNewIterations(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	app, err := d.addAppPassword("alice", "phone")
	if err != nil {
		t.Fatal(err)
	}
	d.iterations = 2 * passwords.MinIterations
	for _, want := range []int{passwords.MinIterations, 2 * passwords.MinIterations} {
		if err := d.setPassword("alice", "other"); err != nil {
			t.Fatal(err)
		}
		if a, err := d.named("alice"); err != nil || a.Iterations != want {
			t.Errorf("iterations %d, %v; want %d", a.Iterations, err, want)
		}
		if err := logIn(t, d, "alice", "other"); err != nil {
			t.Error(err)
		}
		if want == passwords.MinIterations {
			if err := logIn(t, d, "alice", app); err != nil {
				t.Errorf("app password: %v", err)
			}
			if _, err := d.revokeAppPassword("alice", "phone"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestLoginsAtOnce(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			password, want := "secret", error(nil)
			if i%4 == 3 {
				password, want = fmt.Sprint("wrong", i), ErrAuth
			}
			if err := logIn(t, d, "alice", password); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", password, err, want)
			}
		})
	}
	all.Wait()
}

func TestLoginThrottled(t *testing.T) {
	d, clock := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	ctx := context.Background()
	home, abroad := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.7")
	for i := range 5 {
		if _, _, err := d.authenticate(ctx, "alice", fmt.Sprint("wrong", i), home, true); !errors.Is(err, ErrAuth) {
			t.Fatal(err)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := d.authenticate(stopped, "alice", "secret", home, true); !errors.Is(err, context.Canceled) {
		t.Errorf("after 5 failures: %v, want a pause", err)
	}
	if _, _, err := d.authenticate(ctx, "alice", "secret", abroad, true); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	clock.advance(time.Minute)
	if _, _, err := d.authenticate(ctx, "alice", "secret", home, true); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func BenchmarkLoginRemembered(b *testing.B) {
	d, _ := testDirectory(b, LoginConfig{Iterations: passwords.DefaultIterations})
	mustAdd(b, d, "alice", "secret")
	for b.Loop() {
		if err := logIn(b, d, "alice", "secret"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoginDerived(b *testing.B) {
	d, _ := testDirectory(b, LoginConfig{Iterations: passwords.DefaultIterations})
	mustAdd(b, d, "alice", "secret")
	for b.Loop() {
		if err := logIn(b, d, "alice", "wrong"); !errors.Is(err, ErrAuth) {
			b.Fatal(err)
		}
	}
}

// TestLoginOwner: what changes an account takes its own password only, and an app password tried there is a failure.
func TestLoginOwner(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	app, err := d.addAppPassword("alice", "phone")
	if err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct {
		password string
		programs bool
		ok       bool
	}{{"secret", false, true}, {app, false, false}, {"wrong", false, false}, {app, true, true}, {"secret", true, true}} {
		a, _, err := d.authenticate(context.Background(), "alice", try.password, loopback, try.programs)
		if try.ok && (err != nil || a.Name != "alice") || !try.ok && !errors.Is(err, ErrAuth) {
			t.Errorf("%+v: %q, %v", try, a.Name, err)
		}
	}
}
