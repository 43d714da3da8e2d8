package control

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"satchel/backend"
	"satchel/server/presence"
)

// TestDevices: sessions have the labels of the app passwords that let them in, on either side of the socket; what was
// revoked has none.
func TestDevices(t *testing.T) {
	f := serve(t)
	fronts := &listeners{}
	for _, name := range []string{"ann", "ben"} {
		info := must[backend.AccountInfo](t)(f.be.AddAccount(name, "secret"))
		for _, label := range []string{"phone", "tablet", "lost"} {
			must[string](t)(f.be.AddAppPassword(name, label))
		}
		apps := must[[]backend.AppPassword](t)(f.be.AppPasswords(name))
		must[int64](t)(f.be.RevokeAppPassword(name, "lost"))
		for _, id := range []int64{backend.MainPassword, apps[1].ID, apps[0].ID, apps[2].ID, backend.Token, 0} {
			fronts.list = append(fronts.list, presence.Session{AccountID: info.ID, Account: name, Credential: id})
		}
	}
	f.server.local.fronts = fronts
	for _, a := range []Admin{f.server.local, must[*Remote](t)(Dial(f.data))} {
		var got []string
		ok(t, a.Sessions(Which{}, func(p presence.Session) error {
			got = append(got, p.Account+" "+p.Device)
			return nil
		}))
		want := []string{"ann ", "ann tablet", "ann phone", "ann ", "ann ", "ann ", "ben ", "ben tablet", "ben phone", "ben ", "ben ", "ben "}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Sessions end when what let them in does not hold any more.
func TestDisconnects(t *testing.T) {
	f := serve(t)
	fronts := &listeners{}
	l := &Local{Backend: f.be, fronts: fronts}
	info, err := l.AddAccount("ann", "password")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.AddAppPassword("ann", "phone"); err != nil {
		t.Fatal(err)
	}
	phone := must[[]backend.AppPassword](t)(l.AppPasswords("ann"))[0].ID
	for _, step := range []struct {
		change func() error
		by     int64
		want   string
	}{
		{func() error { return l.SetPassword("ann", "other") }, backend.MainPassword, "The password was changed"},
		{func() error { return l.RevokeAppPassword("ann", "phone") }, phone, "The password was revoked"},
		{func() error { return l.SetDisabled("ann", true) }, 0, "The account is disabled"},
		{func() error { return l.SetDisabled("ann", false) }, 0, ""},
		{func() error { return l.RemoveAccount("ann") }, 0, "The account was removed"},
	} {
		fronts.ended = nil
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		want := ""
		if step.want != "" {
			want = fmt.Sprintf("0 of %s by %d: %s", info.ID, step.by, step.want)
		}
		if got := strings.Join(fronts.ended, ", "); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	fronts.ended = nil
	if err := l.RevokeAppPassword("ann", "phone"); !errors.Is(err, backend.ErrNotFound) || fronts.ended != nil {
		t.Errorf("nobody's password revoked: %v, told %q", err, fronts.ended)
	}
}
