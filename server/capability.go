package server

import (
	"strconv"
	"strings"

	"satchel/backend"
)

// Capabilities that hold in every state, and those worth telling only to a
// client that has logged in.
const (
	baseCapabilities = "IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE"
	mailCapabilities = "NAMESPACE CHILDREN UNSELECT UIDPLUS MOVE MULTIAPPEND SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED LIST-STATUS APPENDLIMIT="
)

// capability: RFC 3501, 6.1.1.
func (s *session) capability() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.end(append(s.appendCapabilities(append(s.begin(), "* CAPABILITY "...)), "\r\n"...))
	return nil
}

// appendCapabilities appends what the session offers in its present state.
func (s *session) appendCapabilities(dst []byte) []byte {
	dst = append(dst, baseCapabilities...)
	if s.account != nil {
		dst = append(dst, ' ')
		dst = append(dst, mailCapabilities...)
		return strconv.AppendInt(dst, s.srv.backend.AppendLimit(), 10)
	}
	if !s.IsTLS() && s.srv.cfg.TLS != nil {
		dst = append(dst, " STARTTLS"...)
	}
	if !s.mayLogIn() {
		return append(dst, " LOGINDISABLED"...)
	}
	conn := backend.SASLConn{TLS: s.wire.TLS()}
	for _, m := range conn.Mechanisms() {
		dst = append(dst, " AUTH="...)
		dst = append(dst, m...)
	}
	return dst
}

// Capabilities is the list as go-imap asks for it.
func (s *session) Capabilities() []string {
	return strings.Fields(string(s.appendCapabilities(nil)))
}

// greeting is the first line that the client sees.
func (s *session) greeting() []byte {
	b := append([]byte(nil), "* OK [CAPABILITY "...)
	return append(s.appendCapabilities(b), "] satchel ready\r\n"...)
}
