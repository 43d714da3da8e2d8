package presence

import (
	"net/netip"
	"testing"
)

func TestNewID(t *testing.T) {
	a, b := NewID(), NewID()
	if a == b || len(a) != 8 || len(b) != 8 {
		t.Errorf("%q, %q", a, b)
	}
}

func TestFilter(t *testing.T) {
	s := &Session{ID: "a", AccountID: "1", Credential: 7, Remote: netip.MustParseAddr("192.0.2.7")}
	network := netip.MustParsePrefix("192.0.2.0/24")
	for _, tt := range []struct {
		f    Filter
		want bool
	}{
		{Filter{}, true},
		{Filter{Session: "a"}, true},
		{Filter{Session: "b"}, false},
		{Filter{AccountID: "1", Network: network}, true},
		{Filter{AccountID: "1", Credential: 7}, true},
		{Filter{AccountID: "1", Credential: 8}, false},
		{Filter{AccountID: "2", Credential: 7}, false},
		{Filter{AccountID: "2", Network: network}, false},
		{Filter{Session: "a", Network: netip.MustParsePrefix("198.51.100.0/24")}, false},
	} {
		if got := tt.f.Matches(s); got != tt.want {
			t.Errorf("%+v: %t", tt.f, got)
		}
	}
	if (Filter{Network: network}).Matches(&Session{}) {
		t.Error("a session without an address is in a network")
	}
}
