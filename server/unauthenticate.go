package server

import (
	"time"

	"github.com/emersion/go-imap"

	"satchel/server/presence"
	"satchel/server/wire"
)

// unauthenticate: RFC 8437, 3. The connection is as it was before login, but for
// TLS and what the client said in ID: no account, no mailbox, nothing enabled, no
// compression.
func (s *session) unauthenticate() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	if !s.offers("UNAUTHENTICATE") {
		return s.bad("Unknown command")
	}
	s.log().Info("unauthenticated")
	s.listenFor(notification{})
	s.giveBack()
	s.loginState = loginState{}
	s.show(func(p *presence.Session) {
		p.AccountID, p.Account, p.Credential, p.Method, p.Mailbox = "", "", 0, "", ""
	})
	s.wire.Retap()
	ctx := s.Context()
	ctx.State, ctx.User, ctx.Mailbox, ctx.MailboxReadOnly = imap.NotAuthenticatedState, nil, nil, false
	s.beforeLogin()
	s.rehide()
	s.writeStatus(&response{code: "CAPABILITY " + string(s.appendCapabilities(nil)), text: "Logged off"})
	if err := s.wire.Uncompress(); err != nil {
		return err
	}
	return &response{status: statusSent}
}

// beforeLogin sets the bounds for a client that has not logged in.
func (s *session) beforeLogin() {
	s.wire.SetUTF8(false)
	s.wire.SetLimits(wire.PreAuth())
	s.wire.SetTimeouts(s.srv.cfg.LoginTimeout, s.srv.cfg.WriteTimeout)
	s.wire.SetExpiry(time.Now().Add(s.srv.cfg.LoginExpiry))
}
