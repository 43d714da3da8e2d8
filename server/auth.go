package server

import (
	"time"

	"github.com/emersion/go-imap"

	"satchel/backend"
	"satchel/server/presence"
	"satchel/server/wire"
)

// mayLogIn: RFC 3501, 6.2.3 and 11.2: no password in the clear, except from the
// machine itself.
func (s *session) mayLogIn() bool { return s.IsTLS() || s.remote.IsLoopback() }

// privacyRequired is the answer to a login that mayLogIn forbids. RFC 5530, 3.
func (s *session) privacyRequired() error {
	return s.no("PRIVACYREQUIRED", "Use STARTTLS or the port for TLS first")
}

// login: "LOGIN" SP astring SP astring. RFC 3501, 6.2.3.
func (s *session) login() error {
	user, err := s.argument()
	if err != nil {
		return err
	}
	password, err := s.argument()
	if err != nil {
		return err
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	if !s.mayLogIn() {
		return s.privacyRequired()
	}
	began := s.srv.backend.LoginsFrom()
	a, by, err := s.srv.backend.Authenticate(s.srv.ctx, user, password, s.remote)
	if err != nil {
		return s.loginFailed("LOGIN", user, err)
	}
	return s.welcome(a, by, "LOGIN", began)
}

// welcome makes the session the account's, which logged in by a credential and a method, from a moment of
// backend.LoginsFrom on. The tagged OK tells what is offered now, which spares the client a round trip (RFC 3501, 6.2.2
// and 6.2.3).
func (s *session) welcome(a *backend.Account, by backend.Credential, method string, began uint64) error {
	s.account = a
	s.show(func(p *presence.Session) {
		p.AccountID, p.Account, p.Credential, p.Method = a.ID(), a.Name(), by.ID, method
	})
	if s.srv.backend.RevokedSince(a.ID(), by.ID, began) { // as if it had been let in just before
		s.wire.Shutdown("What you logged in by was changed meanwhile")
	}
	if a.Lost() { // as if it had been open just before
		s.wire.Shutdown(lostText)
	}
	s.wire.Retap()
	s.rehide()
	ctx := s.Context()
	ctx.State = imap.AuthenticatedState
	ctx.User = a.IMAPUser()
	s.wire.SetLimits(wire.PostAuth(s.srv.backend.AppendLimit()))
	s.wire.SetTimeouts(s.srv.cfg.IdleTimeout, s.srv.cfg.WriteTimeout)
	s.wire.SetExpiry(time.Time{})
	s.logLogin(by)
	return s.ok("CAPABILITY "+string(s.appendCapabilities(nil)), "Logged in")
}

// loginFailed logs an attempt, and lets the client wait.
func (s *session) loginFailed(method, user string, err error) error {
	if s.wire.Broken() {
		return err
	}
	s.logLoginFailed(method, user, err)
	s.srv.pause(s.srv.cfg.LoginDelay)
	return err
}

// pause waits, but not longer than the server runs.
func (s *Server) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}
