package server

import "time"

// handshakeTimeout is how long a client may take for the handshake.
const handshakeTimeout = 30 * time.Second

// startTLS: RFC 3501, 6.2.1. The OK goes out in the clear, then the frame
// changes its transport; what the client had sent before the handshake is
// thrown away, so that nobody can slip a command in under the encryption.
func (s *session) startTLS() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	if s.IsTLS() {
		return s.bad("TLS is active already")
	}
	if s.srv.cfg.TLS == nil {
		return s.bad("TLS is not available")
	}
	s.writeStatus(&response{text: "Begin TLS negotiation now"})
	if err := s.wire.StartTLS(s.srv.cfg.TLS, handshakeTimeout); err != nil {
		s.log().Info("TLS handshake failed", "error", err)
		s.leave("TLS handshake failed")
	}
	return &response{status: statusSent}
}
