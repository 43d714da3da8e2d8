package server

import (
	"log/slog"
	"strings"
	"time"

	"satchel/backend"
	"satchel/server/printable"
)

// shownName is how much is shown, in the log and elsewhere, of a name that a client
// chose: its own, or that of a mailbox. userLog is for one to log in with.
const (
	shownName = 64
	userLog   = 128
)

// log is the server's log with what tells this session from others.
func (s *session) log() *slog.Logger {
	p := s.shown.Load()
	l := s.srv.log.With("rip", s.remote.String(), "session", p.ID)
	if p.Account != "" {
		l = l.With("account", p.Account)
	}
	return l
}

// tlsWord is the version of TLS in the log, such as 1.3.
func (s *session) tlsWord() string {
	if p := s.presence(); p.TLS != "" {
		return strings.TrimPrefix(p.TLS, "TLS ")
	}
	return "none"
}

// logLogin tells of a login, and by which app password it was, on one line.
func (s *session) logLogin(by backend.Credential) {
	p := s.shown.Load()
	args := []any{"method", p.Method, "tls", s.tlsWord()}
	if by.Label != "" {
		args = append(args, "label", by.Label)
	}
	if p.Client != "" {
		args = append(args, "client", p.Client, "version", p.Version)
	}
	s.log().Info("login", args...)
}

// logLoginFailed tells of a failed attempt, on one line, in the same words for a wrong
// name and a wrong password. fail2ban reads its beginning.
func (s *session) logLoginFailed(method, user string, err error) {
	s.srv.log.Warn("login failed", "rip", s.remote.String(), "user", printable.Text(user, userLog), "method", method,
		"reason", backend.FailureReason(err), "session", s.shown.Load().ID, "tls", s.tlsWord())
}

// logEnd tells what a session has been, when it is over. Of those that never logged in
// there are too many on the Internet.
func (s *session) logEnd() {
	level := slog.LevelInfo
	if s.account == nil {
		level = slog.LevelDebug
	}
	p := s.presence()
	s.log().Log(s.srv.ctx, level, "session ended", "reason", s.endReason(), "commands", p.Commands,
		"in", p.In, "out", p.Out, "duration", time.Since(p.Since).Round(time.Millisecond))
}

// endReason is why the session is over.
func (s *session) endReason() string {
	switch err := s.wire.Err(); {
	case s.left != "":
		return s.left
	case s.wire.Farewell() != "":
		return s.wire.Farewell()
	case err != nil:
		return printable.Text(err.Error(), reasonLog)
	}
	return "the client closed the connection"
}

// reasonLog is how much of an error is logged as a reason.
const reasonLog = 200
