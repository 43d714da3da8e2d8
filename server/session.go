package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"sync/atomic"

	"github.com/emersion/go-imap"
	imapserver "github.com/emersion/go-imap/server"

	"satchel/backend"
	"satchel/server/presence"
	"satchel/server/printable"
	"satchel/server/wire"
)

// session is one client's connection: go-imap's connection around our frame,
// with the account it logged in to and the mailbox it selected.
//
// Everything in it belongs to the connection's own goroutine, except wake, Close and
// presence, which any goroutine may call.
type session struct {
	imapserver.Conn

	srv    *Server
	wire   *wire.Conn
	remote netip.Addr

	loginState

	uid         bool              // the running command is UID something
	counting    bool              // but has sequence numbers among its search keys
	lowest      backend.UID       // where the running command stopped for the number of messages, or 0
	headers     int64             // bytes of headers that URLs in the running command may still make it look through
	certificate *x509.Certificate // that the client was shown in the handshake, as far as presented knows
	certified   bool              // addresses has what the client's certificate is good for
	addresses   []string
	client      string      // the name in the client's ID
	hidden      []string    // capabilities kept from it, in capitals
	idLogged    int         // how often its ID was logged
	closing     bool        // BYE was said unasked: the command gets no status
	left        string      // why it ends, if that was decided here
	idling      atomic.Bool // wake may interrupt the wait for input
	alert       atomic.Bool // and the wait for a command
	freed       atomic.Bool // view and account were given back

	// What others see of it.
	shown    atomic.Pointer[presence.Session] // but for what follows, and what the frame knows
	running  atomic.Pointer[command]          // nil between commands
	stateAge atomic.Int64                     // when running changed, Unix nanoseconds
	commands atomic.Uint64                    // how many have begun
}

// loginState is what came with a login, and all that goes with UNAUTHENTICATE.
type loginState struct {
	account  *backend.Account // nil until login
	view     *backend.View    // nil unless a mailbox is selected
	saved    []backend.Range  // UIDs: the result of the last SEARCH with SAVE
	contexts []*searchContext // the searches in the selected mailbox whose changes are told
	features feature          // what the client has switched on
	binary   binaryPlace      // where the last BINARY stopped
	news     notification     // what it wants to be told unasked
}

// begin returns the session's output to append to; hand the result to end.
func (s *session) begin() []byte { return s.wire.Out() }

// end keeps what was appended to begin's buffer. The frame writes to the client
// when 64 KiB have gathered or it waits for input; an error is that of the
// connection, and a command with much left to say returns it as it is.
func (s *session) end(b []byte) error { return s.wire.SetOut(b) }

// untagged appends one line "* ..." to the output. Names and texts that came
// from a client go through wire's writers instead.
func (s *session) untagged(format string, args ...any) {
	b := append(s.begin(), "* "...)
	b = fmt.Appendf(b, format, args...)
	s.end(append(b, "\r\n"...))
}

// openView selects a mailbox; the one selected before has been closed by
// closeView. Errors are the backend's.
func (s *session) openView(name string, readOnly bool) error {
	v, err := s.account.Open(name, readOnly, s.wake)
	if err != nil {
		return err
	}
	s.view = v
	s.show(func(p *presence.Session) { p.Mailbox = printable.Text(name, shownName) })
	ctx := s.Context()
	ctx.State = imap.SelectedState
	ctx.Mailbox = s.account.IMAPMailbox(name)
	ctx.MailboxReadOnly = v.ReadOnly()
	return nil
}

// closeView leaves the selected mailbox, if there is one, without expunging.
func (s *session) closeView() {
	if s.view == nil {
		return
	}
	s.view.Close()
	s.view, s.saved, s.contexts = nil, nil, nil
	s.binary = binaryPlace{}
	s.show(func(p *presence.Session) { p.Mailbox = "" })
	ctx := s.Context()
	ctx.State = imap.AuthenticatedState
	ctx.Mailbox = nil
	ctx.MailboxReadOnly = false
}

// wake is called by the backend, from any goroutine, when the selected mailbox
// or another one that is watched, changed. Only a session in IDLE or with NOTIFY
// is interrupted: any other hears of the change when its command ends.
func (s *session) wake() {
	if s.idling.Load() || s.alert.Load() {
		s.wire.Interrupt()
	}
}

// bye tells the client that the server ends the connection, and ends it once
// the running command has returned.
func (s *session) bye(text string) {
	s.closing = true
	s.wire.Bye(text)
	s.leave(text)
}

// leave ends the connection once the running command has returned: the frame
// writes what is left to say, closes, and shows go-imap the end of input. The reason
// is for the log.
func (s *session) leave(reason string) {
	s.left = reason
	s.wire.Hangup()
}

// Close ends the connection. Any goroutine may call it, and more than once: the
// socket is closed at once, the view and the account are given back when the
// session's goroutine has finished its last command.
func (s *session) Close() error {
	err := s.wire.Close()
	select {
	case <-s.Context().LoggedOut:
		s.free()
	default:
	}
	return err
}

// free gives back what the session holds of the backend, once.
func (s *session) free() {
	if s.freed.Swap(true) {
		return
	}
	s.logEnd()
	s.giveBack()
	s.srv.sessions.leave(s)
}

// giveBack gives back what came with the login.
func (s *session) giveBack() {
	if s.view != nil {
		s.view.Close()
	}
	s.news.watch.Close()
	if s.account != nil {
		s.account.Release()
	}
}

// secured is called at the end of the handshake, and no later: the certificate that
// the client was shown may be another one's predecessor when it logs in.
func (s *session) secured() { s.certificate = presented(s.srv.cfg.TLS, s.wire.TLS()) }

// IsTLS reports whether the connection is encrypted. go-imap sees the frame
// only, so it cannot know.
func (s *session) IsTLS() bool { return s.wire.TLS() != nil }

// TLSState returns the state of TLS, nil on a plain connection.
func (s *session) TLSState() *tls.ConnectionState { return s.wire.TLS() }

// Info describes the connection to go-imap's backends.
func (s *session) Info() *imap.ConnInfo {
	return &imap.ConnInfo{RemoteAddr: s.wire.RemoteAddr(), LocalAddr: s.wire.LocalAddr(), TLS: s.wire.TLS()}
}
