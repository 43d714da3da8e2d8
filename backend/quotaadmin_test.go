package backend

import (
	"errors"
	"math"
	"testing"

	"satchel/backend/passwords"
)

// TestQuotaOwn: an account's own limits come before those of all, one by one, count
// at once and are there again after a restart; the account goes, they go.
func TestQuotaOwn(t *testing.T) {
	cfg := Config{Data: t.TempDir(), Login: LoginConfig{Iterations: passwords.MinIterations}, Quotas: QuotaConfig{Limits: Usage{1000, 0, 10}}}
	b, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alice", "bob"} {
		if _, err := b.AddAccount(name, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	limits := func(name string, want Limits) {
		t.Helper()
		if q, err := b.AccountQuota(name); err != nil || q.Limits != want || q.Account != name {
			t.Errorf("%s: %+v, %v, want limits %v", name, q, err, want)
		}
	}
	limits("alice", Limits{1000, NoLimit, 10})
	alice := accountOf(t, b, "alice")
	if err := alice.Fits(Usage{1001, 1, 0}); !errors.Is(err, ErrOverQuota) {
		t.Errorf("1001 bytes: %v", err)
	}
	if err := b.SetQuota("ALICE", Limits{NoLimit, 3, Configured}); err != nil {
		t.Fatal(err)
	}
	limits("alice", Limits{NoLimit, 3, 10})
	limits("bob", Limits{1000, NoLimit, 10})
	if err := alice.Fits(Usage{math.MaxInt32, 3, 0}); err != nil {
		t.Errorf("without a limit: %v", err)
	}
	if err := b.SetQuotas(QuotaConfig{Limits: Usage{500, 600, 700}}); err != nil {
		t.Fatal(err)
	}
	limits("alice", Limits{NoLimit, 3, 700})
	limits("bob", Limits{500, 600, 700})
	if err := b.SetQuota("carol", Limits{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody's limits: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err = Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	limits("alice", Limits{NoLimit, 3, 10})
}

// TestQuotaAdministration: who may know and set what.
func TestQuotaAdministration(t *testing.T) {
	b := testBackend(t, "alice", "root@example.org")
	if err := b.SetQuotas(QuotaConfig{Admins: []string{"Root@EXAMPLE.org"}}); err != nil {
		t.Fatal(err)
	}
	alice, root := accountOf(t, b, "alice"), accountOf(t, b, "root@example.org")
	own := Limits{1 << 20, NoLimit, Configured}
	for _, try := range []struct {
		who  *Account
		name string
		want [2]error // of asking, of setting
	}{
		{alice, "alice", [2]error{nil, ErrNotPermitted}},
		{alice, "root@example.org", [2]error{ErrNotPermitted, ErrNotPermitted}},
		{alice, "nobody", [2]error{ErrNotPermitted, ErrNotPermitted}},
		{root, "alice", [2]error{nil, nil}},
		{root, "nobody", [2]error{ErrNotFound, ErrNotFound}},
		{root, "not a name", [2]error{ErrNotFound, ErrNotFound}},
	} {
		if _, err := try.who.QuotaOf(try.name); !errors.Is(err, try.want[0]) {
			t.Errorf("%s asks about %s: %v", try.who.name, try.name, err)
		}
		if err := try.who.SetQuotaOf(try.name, own); !errors.Is(err, try.want[1]) {
			t.Errorf("%s sets %s: %v", try.who.name, try.name, err)
		}
	}
	if q := alice.Quota(); q.Limits != (Limits{1 << 20, NoLimit, NoLimit}) {
		t.Errorf("alice's limits are %v", q.Limits)
	}
}
