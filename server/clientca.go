package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// loadClientCA reads the certificates (PEM) by which those of clients are signed.
func loadClientCA(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("clients' CA: %w%s", err, cureRead(err))
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("clients' CA %q: no certificate (PEM) in it", path)
	}
	return pool, nil
}

// identities are the e-mail addresses in the client's certificate: none unless
// it has shown one, has proved to have its key, and a configured CA has signed it
// for clients. A certificate that is not good is as none: the client may still
// have a password.
func (s *session) identities() []string {
	state := s.wire.TLS()
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	if !s.certified {
		s.certified, s.addresses = true, verified(currentTLS(s.srv.cfg.TLS, state), state.PeerCertificates)
	}
	return s.addresses
}

func verified(cfg *tls.Config, chain []*x509.Certificate) []string {
	if cfg == nil || cfg.ClientCAs == nil {
		return nil
	}
	opts := x509.VerifyOptions{Roots: cfg.ClientCAs, Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	for _, c := range chain[1:] {
		opts.Intermediates.AddCert(c)
	}
	if _, err := chain[0].Verify(opts); err != nil {
		return nil
	}
	return chain[0].EmailAddresses
}

// currentTLS is the configuration that a handshake would get now, nil when there
// is none.
func currentTLS(cfg *tls.Config, state *tls.ConnectionState) *tls.Config {
	if cfg == nil || cfg.GetConfigForClient == nil {
		return cfg
	}
	now, err := cfg.GetConfigForClient(&tls.ClientHelloInfo{ServerName: state.ServerName})
	if err != nil {
		return nil
	}
	return now
}
