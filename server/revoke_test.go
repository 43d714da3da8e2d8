package server

import (
	"encoding/base64"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xdg-go/scram"

	"satchel/server/control"
	"satchel/server/presence"
)

// onlyFront is all that a server has.
type onlyFront struct{ *Server }

func (onlyFront) Status() (control.Status, error) { return control.Status{}, nil }

// admin is what the command line asks, over a server with app passwords of testUser by these labels.
func (ts *testServer) admin(t testing.TB, labels ...string) (admin *control.Local, secrets map[string]string) {
	t.Helper()
	admin, secrets = control.NewLocal(ts.be, onlyFront{ts.Server}), map[string]string{}
	for _, label := range labels {
		secret, err := admin.AddAppPassword(testUser, label)
		if err != nil {
			t.Fatal(err)
		}
		secrets[label] = secret
	}
	return admin, secrets
}

// loginBy logs in by a mechanism; LOGIN is the command.
func (ts *testServer) loginBy(t testing.TB, front, mechanism, password string) *client {
	t.Helper()
	c := newClient(t, ts.dial(t, front))
	c.logIn(t, mechanism, password)
	return c
}

func (c *client) logIn(t testing.TB, mechanism, password string) {
	t.Helper()
	switch mechanism {
	case "LOGIN":
		c.say(t, fmt.Sprintf("l LOGIN %s %q", testUser, password))
	case "PLAIN":
		c.say(t, "l AUTHENTICATE PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00"+testUser+"\x00"+password)))
	default:
		s := c.halfway(t, password)
		s.step(t)
		c.want(t, "+ ")
		c.say(t, "")
	}
	c.want(t, "l OK ")
}

// exam is an exchange by SCRAM-SHA-256 in which the client has been asked for its proof.
type exam struct {
	*client
	talk      *scram.ClientConversation
	challenge string
}

func (c *client) halfway(t testing.TB, password string) *exam {
	t.Helper()
	user, err := scram.SHA256.NewClient(testUser, password, "")
	if err != nil {
		t.Fatal(err)
	}
	s := &exam{client: c, talk: user.NewConversation()}
	c.say(t, "l AUTHENTICATE SCRAM-SHA-256")
	c.want(t, "+ ")
	s.step(t)
	challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(c.want(t, "+ ")[2:]))
	if err != nil {
		t.Fatal(err)
	}
	s.challenge = string(challenge)
	return s
}

// step says what the client has to say next.
func (s *exam) step(t testing.TB) {
	t.Helper()
	response, err := s.talk.Step(s.challenge)
	if err != nil {
		t.Fatal(err)
	}
	s.say(t, base64.StdEncoding.EncodeToString([]byte(response)))
}

// on fails unless the session goes on.
func (c *client) on(t testing.TB, what string) {
	t.Helper()
	c.say(t, "on NOOP")
	for {
		line, err := c.in.ReadString('\n')
		if strings.HasPrefix(line, "on OK ") {
			return
		}
		if err != nil || strings.HasPrefix(line, "* BYE") {
			t.Fatalf("%s: %q, %v", what, line, err)
		}
	}
}

// TestRevokeOne: a revoked password ends the sessions that it let in, by whatever mechanism and whatever they do, and no
// other; a new main password those on the old one; a disabled account has none.
func TestRevokeOne(t *testing.T) {
	srv := startServer(t)
	admin, secrets := srv.admin(t, "phone", "laptop")
	phone, idler := srv.loginBy(t, "imap", "LOGIN", secrets["phone"]), srv.loginBy(t, "imaps", "SCRAM-SHA-256", secrets["phone"])
	laptop, desk := srv.loginBy(t, "imaps", "PLAIN", secrets["laptop"]), srv.loginBy(t, "imap", "SCRAM-SHA-256", testPassword)
	again := srv.loginBy(t, "imap", "PLAIN", secrets["phone"])
	again.do(t, "u UNAUTHENTICATE")
	again.logIn(t, "SCRAM-SHA-256", secrets["laptop"])
	idler.do(t, "s SELECT INBOX")
	idler.say(t, "i IDLE")
	idler.want(t, "+ ")
	seen := func(want ...string) {
		t.Helper()
		var devices []string
		err := admin.Sessions(control.Which{Account: testUser}, func(p presence.Session) error {
			devices = append(devices, p.Device)
			return nil
		})
		slices.Sort(devices)
		if err != nil || !slices.Equal(devices, want) {
			t.Errorf("connected: %q, %v; want %q", devices, err, want)
		}
	}
	seen("", "laptop", "laptop", "phone", "phone")
	if err := admin.RevokeAppPassword(testUser, "phone"); err != nil {
		t.Fatal(err)
	}
	phone.want(t, "* BYE The password was revoked")
	idler.want(t, "* BYE The password was revoked")
	laptop.on(t, "the laptop, when the phone's was revoked")
	again.on(t, "who was the phone before, when the phone's was revoked")
	desk.on(t, "the main password, when the phone's was revoked")
	if err := admin.SetPassword(testUser, "battery staple"); err != nil {
		t.Fatal(err)
	}
	desk.want(t, "* BYE The password was changed")
	laptop.on(t, "the laptop, when the main password was changed")
	again.on(t, "the laptop, when the main password was changed")
	if err := admin.SetDisabled(testUser, true); err != nil {
		t.Fatal(err)
	}
	laptop.want(t, "* BYE The account is disabled")
	again.want(t, "* BYE The account is disabled")
	if lines := strings.Join(srv.linesOf("login "), ""); strings.Count(lines, " label=phone") != 3 || strings.Count(lines, " label=laptop") != 2 {
		t.Errorf("the log does not tell by which they came:\n%s", lines)
	}
}

// TestRevokedMeanwhile: who proves to know a secret that was taken back while the exchange went on is not let in; who
// knows another one is.
func TestRevokedMeanwhile(t *testing.T) {
	changes := map[string]func(admin *control.Local) error{
		"password": func(a *control.Local) error { return a.SetPassword(testUser, "another one") },
		"phone":    func(a *control.Local) error { return a.RevokeAppPassword(testUser, "phone") },
		"laptop":   func(a *control.Local) error { return a.RevokeAppPassword(testUser, "laptop") },
		"disabled": func(a *control.Local) error { return a.SetDisabled(testUser, true) },
		"removed":  func(a *control.Local) error { return a.RemoveAccount(testUser) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			srv := startServer(t)
			admin, secrets := srv.admin(t, "phone", "laptop")
			secrets["password"] = testPassword
			exams := map[string]*exam{}
			for by, secret := range secrets {
				exams[by] = newClient(t, srv.dial(t, "imap")).halfway(t, secret)
			}
			if err := change(admin); err != nil {
				t.Fatal(err)
			}
			for by, s := range exams {
				s.step(t)
				if by == name || name == "disabled" || name == "removed" {
					s.want(t, "l NO [AUTHENTICATIONFAILED]")
					continue
				}
				s.want(t, "+ ")
				s.say(t, "")
				s.want(t, "l OK ")
				s.on(t, by)
			}
		})
	}
}

// TestRevokeRace: a password that is revoked once it was found to be right, and before the session can be found, lets
// nobody stay. The files of a new account have to be made in between, which takes a while.
func TestRevokeRace(t *testing.T) {
	srv := startServer(t)
	admin, _ := srv.admin(t)
	for round := range 10 {
		account := fmt.Sprint("ben", round)
		if _, err := admin.AddAccount(account, testPassword); err != nil {
			t.Fatal(err)
		}
		secret, err := admin.AddAppPassword(account, "phone")
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(t, srv.dial(t, "imap"))
		c.say(t, fmt.Sprintf("l LOGIN %s %q", account, secret))
		for end := time.Now().Add(patience); ; runtime.Gosched() {
			apps, err := admin.AppPasswords(account)
			if err != nil || time.Now().After(end) {
				t.Fatalf("round %d: not logged in, %v", round, err)
			}
			if !apps[0].Used.IsZero() {
				break
			}
		}
		if err := admin.RevokeAppPassword(account, "phone"); err != nil {
			t.Fatal(err)
		}
		c.shutOut(t)
	}
}

// shutOut waits until the client is refused or told BYE.
func (c *client) shutOut(t *testing.T) {
	t.Helper()
	for {
		line, err := c.in.ReadString('\n')
		if strings.HasPrefix(line, "l NO ") || strings.HasPrefix(line, "* BYE ") {
			return
		}
		if err != nil {
			t.Fatalf("%q, %v", line, err)
		}
	}
}
