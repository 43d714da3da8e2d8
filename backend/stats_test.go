package backend

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"testing"
)

// TestStats: what happens is counted, once and where it belongs.
func TestStats(t *testing.T) {
	b := testBackend(t, "ann")
	d, err := b.NewDelivery("ben@example.net", "", spoolOf(t, b, "Subject: x\r\n\r\npears\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	v := openFolder(t, b, "ann", "INBOX")
	before := b.Stats()
	for _, to := range []string{"ann", "nobody", "ann"} {
		d.To(to)
	}
	if _, _, err := b.Authenticate(context.Background(), "ann", "wrong", netip.Addr{}); !errors.Is(err, ErrAuth) {
		t.Fatal(err)
	}
	x, err := b.Identify(context.Background(), mechPLAIN, SASLConn{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := x.Next([]byte("no NUL")); err == nil {
		t.Fatal("nonsense is taken")
	}
	if err := b.SetQuota("ann", Limits{NoLimit, 2, NoLimit}); err != nil {
		t.Fatal(err)
	}
	d.To("ann")
	v.Pull(true)
	if _, err := v.Search(context.Background(), body("pears"), SearchOptions{}); err != nil {
		t.Fatal(err)
	}
	s := b.Stats()
	if s.OpenAccounts != 1 || s.OpenMailboxes != 1 || s.Views != 1 || s.IndexBytes <= 0 || s.LogBytes <= 0 {
		t.Errorf("held: %+v", s)
	}
	if want := map[string]uint64{"ok": 2, "nobody": 1, "full": 0, "quota": 1, "trouble": 0}; !maps.Equal(s.Deliveries, want) || s.Delivering.Count != 4 {
		t.Errorf("deliveries %v in %+v", s.Deliveries, s.Delivering)
	}
	if s.OverQuota["messages"] != 1 || s.OverQuota["storage"] != 0 || s.NearQuota != 1 {
		t.Errorf("quotas: refused %v, near %d", s.OverQuota, s.NearQuota)
	}
	if s.Logins[passwordMethod]["password"] != 1 || s.Logins[mechPLAIN]["syntax"] != 1 {
		t.Errorf("logins %v", s.Logins)
	}
	if s.Commits.Count-before.Commits.Count != 2 || s.Batches.Count != s.Commits.Count || s.Failed != 0 || s.Wakes-before.Wakes != 2 || s.Searches.Count != 1 {
		t.Errorf("before %+v, after %+v", before, s)
	}
}

// TestLoginResults: every reason for a failed login is counted under a word of its own.
func TestLoginResults(t *testing.T) {
	m := newMeters()
	for _, err := range []error{nil, ErrAuth, &TokenRefused{Reason: "expired"}, ErrDisabled, ErrTooMany, ErrSASL, errors.New("disk")} {
		m.loggedIn(mechPLAIN, err)
	}
	for word, n := range m.logins[mechPLAIN].read() {
		if n != 1 {
			t.Errorf("%s: %d", word, n)
		}
	}
	if want := append(AllMechanisms(), passwordMethod); !slices.Equal(slices.Sorted(maps.Keys(m.logins)), slices.Sorted(slices.Values(want))) {
		t.Errorf("methods %v", m.logins)
	}
}
