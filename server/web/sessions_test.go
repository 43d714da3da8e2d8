package web

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"satchel/backend"
	"satchel/server/presence"
)

// TestSessionExpiry: a session ends when it is not used for a while, and at its end however it is used; a new password can
// be seen for minutes.
func TestSessionExpiry(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	s := newSessions(func() time.Time { return now })
	alice := backend.AccountInfo{ID: "1", Name: "alice"}
	idle, _ := s.begin(alice, visitor{}, "")
	used, id := s.begin(alice, visitor{}, "")
	s.change(id, func(one *session) { one.fresh = fresh{secret: "x", until: now.Add(secretLife)} })
	for now = now.Add(secretLife); s.find(used, visitor{}) != nil; now = now.Add(secretLife) {
		if past := now.Sub(time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)); past >= sessionLife {
			t.Fatalf("alive after %s", past)
		} else if f := s.find(used, visitor{}).fresh; past > secretLife && f.secret != "" {
			t.Fatalf("the new password is there after %s", past)
		}
	}
	if s.find(idle, visitor{}) != nil || len(s.list(presence.Filter{})) > 0 {
		t.Error("sessions are left")
	}
	if s.find("", visitor{}) != nil {
		t.Error("a session without a secret")
	}
}

// TestSessionLimits: the table is bounded, in total and by account; who comes last is let in.
func TestSessionLimits(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	s := newSessions(func() time.Time { now = now.Add(time.Microsecond); return now })
	alice := backend.AccountInfo{ID: "alice", Name: "alice"}
	first, _ := s.begin(alice, visitor{}, "")
	second, _ := s.begin(alice, visitor{}, "")
	s.find(first, visitor{}) // used last
	for range maxPerAccount - 1 {
		s.begin(alice, visitor{}, "")
	}
	if n := len(s.list(presence.Filter{AccountID: "alice"})); n != maxPerAccount {
		t.Errorf("%d sessions of an account", n)
	}
	if s.find(first, visitor{}) == nil || s.find(second, visitor{}) != nil {
		t.Error("the one that was used longest ago has to go")
	}
	for i := range maxSessions {
		s.begin(backend.AccountInfo{ID: fmt.Sprint(i)}, visitor{}, "")
	}
	if n := len(s.list(presence.Filter{})); n != maxSessions {
		t.Errorf("%d sessions", n)
	}
	if n := s.end(presence.Filter{}); n != maxSessions || len(s.list(presence.Filter{})) > 0 {
		t.Errorf("%d sessions ended", n)
	}
}

// TestRevokedMeanwhile: a login that began before the password was changed leaves no session; what becomes of app
// passwords does not matter.
func TestRevokedMeanwhile(t *testing.T) {
	s := open(t)
	info, err := s.admin.AccountByName("alice@example.org")
	if err != nil {
		t.Fatal(err)
	}
	before := s.admin.LoginsFrom()
	if err := s.admin.SetPassword("alice@example.org", "battery staple"); err != nil {
		t.Fatal(err)
	}
	for began, want := range map[uint64]error{before: backend.ErrAuth, s.admin.LoginsFrom(): nil} {
		w := httptest.NewRecorder()
		_, err := s.welcome(w, httptest.NewRequest("POST", "/login", nil), info, began)
		if !errors.Is(err, want) || len(w.Result().Cookies()) > 0 != (want == nil) {
			t.Errorf("a login from %d: %v", began, err)
		}
	}
	if n := len(s.Sessions(presence.Filter{})); n != 1 {
		t.Errorf("%d sessions", n)
	}
	if _, err := s.admin.AddAppPassword(info.Name, "phone"); err != nil {
		t.Fatal(err)
	}
	before = s.admin.LoginsFrom()
	if err := s.admin.RevokeAppPassword(info.Name, "phone"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.welcome(httptest.NewRecorder(), httptest.NewRequest("POST", "/login", nil), info, before); err != nil {
		t.Errorf("a phone's password was revoked meanwhile: %v", err)
	}
}
