package backend

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/xdg-go/scram"
)

// TestCredentials: each mechanism of passwords tells which of them it was.
func TestCredentials(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	want := map[string]Credential{"secret": {ID: MainPassword}}
	for _, label := range []string{"phone", "tablet"} {
		secret := mustAddApp(t, d, label)
		want[secret] = Credential{appID(t, d, "alice", label), label}
	}
	for password, by := range want {
		if _, got, err := d.authenticate(context.Background(), "alice", password, loopback, true); got != by || err != nil {
			t.Errorf("LOGIN: %+v, %v; want %+v", got, err, by)
		}
		for mechanism, says := range map[string]string{"PLAIN": "\x00alice\x00" + password, "LOGIN": "alice|" + password} {
			x := begin(t, d, mechanism, SASLConn{Remote: loopback})
			if x.By() != (Credential{}) {
				t.Errorf("%s: let in by %+v before it began", mechanism, x.By())
			}
			if _, err := play(x, strings.Split(says, "|")...); x.By() != by || err != nil {
				t.Errorf("%s: %+v, %v; want %+v", mechanism, x.By(), err, by)
			}
		}
		s := halfway(t, d, password)
		if err := s.finish(); s.x.By() != by || err != nil {
			t.Errorf("SCRAM: %+v, %v; want %+v", s.x.By(), err, by)
		}
	}
	x := begin(t, d, "EXTERNAL", SASLConn{Remote: loopback, Identities: []string{"alice"}})
	if _, err := play(x, ""); x.By() != (Credential{ID: Certificate}) || err != nil {
		t.Errorf("EXTERNAL: %+v, %v", x.By(), err)
	}
}

// mustAddApp adds an app password to alice.
func mustAddApp(t testing.TB, d *directory, label string) (secret string) {
	t.Helper()
	secret, err := d.addAppPassword("alice", label)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// appID is the ID of the app password with that label.
func appID(t testing.TB, d *directory, account, label string) int64 {
	t.Helper()
	apps, err := d.appPasswords(account)
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range apps {
		if app.Label == label {
			return app.ID
		}
	}
	t.Fatalf("no app password %q", label)
	return 0
}

// exam is a SCRAM exchange in which the client has been asked for its proof.
type exam struct {
	x         *Exchange
	talk      *scram.ClientConversation
	challenge string
}

// halfway begins alice's.
func halfway(t testing.TB, d *directory, password string) *exam {
	t.Helper()
	x, err := d.exchange(context.Background(), "SCRAM-SHA-256", SASLConn{Remote: loopback}, nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := scram.SHA256.NewClient("alice", password, "")
	if err != nil {
		t.Fatal(err)
	}
	s := &exam{x: x, talk: client.NewConversation()}
	if err := s.step(); err != nil {
		t.Fatal(err)
	}
	return s
}

// step has the client answer once.
func (s *exam) step() error {
	says, err := s.talk.Step(s.challenge)
	if err != nil {
		return err
	}
	challenge, _, err := s.x.Next([]byte(says))
	s.challenge = string(challenge)
	return err
}

// finish gives the proof.
func (s *exam) finish() error {
	if err := s.step(); err != nil {
		return err
	}
	return s.step()
}

// TestRevokedDuringExchange: who proves to know an app password that was revoked while he did is refused; what becomes
// of another one meanwhile does not matter.
func TestRevokedDuringExchange(t *testing.T) {
	changes := map[string]func(d *directory) error{
		"phone":  func(d *directory) error { _, err := d.revokeAppPassword("alice", "phone"); return err },
		"tablet": func(d *directory) error { _, err := d.revokeAppPassword("alice", "tablet"); return err },
		"main": func(d *directory) error {
			return d.revoking("alice", MainPassword, func() error { return d.setPassword("alice", "other") })
		},
		"everything": func(d *directory) error {
			return d.revoking("alice", everything, func() error { return nil })
		},
	}
	for changed, change := range changes {
		d, _ := testDirectory(t, LoginConfig{})
		mustAdd(t, d, "alice", "secret")
		exams := map[string]*exam{}
		for _, label := range []string{"phone", "tablet"} {
			exams[label] = halfway(t, d, mustAddApp(t, d, label))
		}
		exams["main"] = halfway(t, d, "secret")
		if err := change(d); err != nil {
			t.Fatal(err)
		}
		for by, s := range exams {
			err := s.finish()
			if refused := errors.Is(err, ErrAuth); refused != (changed == by || changed == "everything") || !refused && err != nil {
				t.Errorf("%s was changed during a login by %s: %v", changed, by, err)
			}
			if err != nil && s.x.Account() != nil {
				t.Errorf("%s was changed during a login by %s: an account after an error", changed, by)
			}
		}
	}
}

// TestLabelAgain: the next app password of the same label is another one.
func TestLabelAgain(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	lost := halfway(t, d, mustAddApp(t, d, "phone"))
	id, err := d.revokeAppPassword("alice", " phone ")
	if err != nil {
		t.Fatal(err)
	}
	found := halfway(t, d, mustAddApp(t, d, "phone"))
	if err := lost.finish(); !errors.Is(err, ErrAuth) {
		t.Errorf("the revoked one: %v, want ErrAuth", err)
	}
	if err := found.finish(); err != nil || found.x.By().ID == id || found.x.By().Label != "phone" {
		t.Errorf("the new one: %+v, %v; the revoked one was %d", found.x.By(), err, id)
	}
}

// TestRevocations compares with a plain list of all that happened. What is forgotten, since so much was taken back, counts
// as taken back.
func TestRevocations(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	type event struct {
		account    string
		credential int64
	}
	var r revocations
	var past []event
	for range 5 * maxTakenBack {
		e := event{fmt.Sprint(rng.IntN(2)), rng.Int64N(300) + MainPassword}
		if rng.IntN(200) > 0 && e.credential == everything {
			e.credential = MainPassword
		}
		r.note(e.account, e.credential)
		past = append(past, e)
		asked := event{fmt.Sprint(rng.IntN(3)), rng.Int64N(300) + 1}
		from := rng.IntN(len(past) + 1)
		want, most := false, map[string]int{}
		for i, p := range past {
			most[p.account]++
			want = want || i >= from && p.account == asked.account && (p.credential == asked.credential || p.credential == everything)
		}
		got := r.since(asked.account, asked.credential, uint64(from))
		if want && !got || got && !want && most[asked.account] <= maxTakenBack {
			t.Fatalf("seed %d: after %d of %d, %+v: %t, want %t", seed, from, len(past), asked, got, want)
		}
		if got && from == len(past) {
			t.Fatalf("seed %d: taken back after the last moment: %+v", seed, asked)
		}
	}
	for account, taken := range r.last {
		if len(taken.one) > maxTakenBack {
			t.Errorf("%d are remembered of %s", len(taken.one), account)
		}
	}
}

// TestLastUse: when and from where an app password was used last is known, and not written down at each login.
func TestLastUse(t *testing.T) {
	d, clock := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	secret := mustAddApp(t, d, "phone")
	const step = UsedStep / 2
	for _, use := range []struct {
		from string
		want string
		then time.Duration // goes by before the next one
	}{
		{"192.0.2.1", "192.0.2.1", step},
		{"192.0.2.2", "192.0.2.1", step},
		{"::ffff:192.0.2.3", "192.0.2.3", step},
		{"", "192.0.2.3", step},
		{"fe80::1%eth0", "fe80::1", -24 * time.Hour}, // the clock was ahead
		{"192.0.2.4", "192.0.2.4", 0},
	} {
		from, _ := netip.ParseAddr(use.from)
		if _, _, err := d.authenticate(context.Background(), "alice", secret, from, true); err != nil {
			t.Fatal(err)
		}
		apps, err := d.appPasswords("alice")
		if err != nil || len(apps) != 1 || apps[0].From.String() != use.want {
			t.Errorf("after a login from %s: %+v, %v", use.from, apps, err)
		}
		if age := clock.Now().Sub(apps[0].Used); age < 0 || age >= UsedStep {
			t.Errorf("after a login from %s: used %s ago", use.from, age)
		}
		clock.advance(use.then)
	}
}
