package server

import (
	"cmp"
	"crypto/tls"
	"slices"
	"time"
)

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
	if err := s.wire.StartTLS(silentTLS(s.srv.cfg.TLS), handshakeTimeout); err != nil {
		s.log().Info("TLS handshake failed", "error", err)
		s.leave("TLS handshake failed")
	}
	return &response{status: statusSent}
}

// silentTLS is cfg without what TLS 1.3 sends after its handshake, session tickets:
// here the client speaks first, and one that writes in one thread while another reads
// meets them with its first command. imaplib2, OfflineIMAP's library, hangs or crashes
// then, once in five times. A full handshake has as many round trips in TLS 1.3. In
// TLS 1.2 the ticket is part of the handshake and saves one, so it stays.
func silentTLS(cfg *tls.Config) *tls.Config {
	silent := cfg.Clone()
	silent.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		chosen := cfg
		if cfg.GetConfigForClient != nil {
			found, err := cfg.GetConfigForClient(hello)
			if err != nil {
				return nil, err
			}
			chosen = cmp.Or(found, cfg)
		}
		if slices.Contains(hello.SupportedVersions, tls.VersionTLS13) {
			chosen = chosen.Clone()
			chosen.SessionTicketsDisabled = true
		}
		return chosen, nil
	}
	return silent
}
