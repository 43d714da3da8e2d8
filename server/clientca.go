package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
)

// loadedCA is the file of the clients' CA, "" for none, with what was last read of it.
type loadedCA struct {
	file   string
	seen   fs.FileInfo
	pool   *x509.CertPool // the last that was good
	broken error          // why the file could not be used when it was last looked at
}

func (a *loadedCA) changed() bool { return a.file != "" && !sameFile(statOf(a.file), a.seen) }

// read loads the certificates (PEM) by which those of clients are signed.
func (a *loadedCA) read() {
	if a.file == "" {
		return
	}
	a.seen = statOf(a.file)
	text, err := os.ReadFile(a.file)
	if err != nil {
		a.broken = fmt.Errorf("clients' CA: %w%s", err, cureRead(err))
		return
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		a.broken = fmt.Errorf("clients' CA %q: no certificate (PEM) in it", a.file)
		return
	}
	a.pool, a.broken = pool, nil
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
