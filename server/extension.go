package server

import (
	"crypto/tls"
	"errors"
	"net"
	"time"

	imapserver "github.com/emersion/go-imap/server"

	"satchel/server/accept"
	"satchel/server/presence"
	"satchel/server/wire"
)

// extension is the one extension of the go-imap server. It owns every command,
// known or not, and puts the frame under each connection, so that go-imap never
// reads a byte whose length or nesting a client chose.
type extension struct {
	srv   *Server
	armed bool // set once, before the first connection
}

// errNotArmed is what New returns when go-imap would answer commands itself.
var errNotArmed = errors.New("go-imap did not take over satchel's commands")

// install gives the extension to go-imap's server. Enable silently drops one
// that answers for IDLE, MOVE or UNSELECT, so it answers for nothing until it is
// in; then it is asked whether it really is.
func (x *extension) install(s *imapserver.Server) error {
	s.Enable(x)
	x.armed = true
	factory := s.Command("IDLE")
	if factory == nil {
		return errNotArmed
	}
	if _, ours := factory().(handler); !ours {
		return errNotArmed
	}
	return nil
}

// Capabilities adds nothing: session.Capabilities makes the whole list.
func (x *extension) Capabilities(imapserver.Conn) []string { return nil }

// Command answers for every name; the table decides later.
func (x *extension) Command(string) imapserver.HandlerFactory {
	if !x.armed {
		return nil
	}
	return newHandler
}

func newHandler() imapserver.Handler { return handler{} }

// NewConn makes go-imap's connection a session over our frame.
func (x *extension) NewConn(c imapserver.Conn) imapserver.Conn {
	s := &session{Conn: c, srv: x.srv}
	now := time.Now()
	shown := &presence.Session{ID: presence.NewID(), Front: "imap", Since: now}
	// The upgrader cannot fail, so Upgrade cannot.
	c.Upgrade(func(sock net.Conn) (net.Conn, error) {
		s.remote = accept.Remote(sock)
		if _, ok := sock.(*tls.Conn); ok {
			shown.Front = "imaps"
		}
		s.wire = wire.NewConn(sock)
		return s.wire.Face(), nil
	})
	shown.Remote = s.remote
	s.shown.Store(shown)
	s.stateAge.Store(now.UnixNano())
	makeLean(c)
	s.wire.SetGreeting(s.greeting)
	s.wire.SetTaps(x.srv.traces.Changes(), s.tap)
	s.wire.SetSecured(s.secured)
	s.beforeLogin()
	x.srv.sessions.enter(s)
	return s
}
