package web

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/smallstep/pkcs7"
)

// sign puts a text into an envelope with the signature of our certificate's key (CMS: RFC 5652, 5).
func (s *Server) sign(text []byte) ([]byte, error) {
	certificate, err := s.certificate()
	if err != nil {
		return nil, err
	}
	envelope, err := pkcs7.NewSignedData(text)
	if err != nil {
		return nil, err
	}
	envelope.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := envelope.AddSigner(certificate.Leaf, certificate.PrivateKey, pkcs7.SignerInfoConfig{}); err != nil {
		return nil, err
	}
	for _, der := range certificate.Certificate[1:] {
		above, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("certificate chain: %w", err)
		}
		envelope.AddCertificate(above)
	}
	return envelope.Finish()
}

// certificate is the one that clients are shown who ask for our name.
func (s *Server) certificate() (*tls.Certificate, error) {
	cfg := s.cfg.TLS
	if cfg == nil {
		return nil, errors.New("no certificate")
	}
	hello := &tls.ClientHelloInfo{ServerName: s.cfg.Hostname}
	if cfg.GetConfigForClient != nil {
		found, err := cfg.GetConfigForClient(hello)
		if err != nil {
			return nil, err
		}
		if found != nil {
			cfg = found
		}
	}
	for i := range cfg.Certificates {
		if c := &cfg.Certificates[i]; c.Leaf != nil && c.Leaf.VerifyHostname(s.cfg.Hostname) == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("no certificate for %s", s.cfg.Hostname)
}
