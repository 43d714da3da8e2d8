package web

import "crypto/tls"

// browserTLS is the TLS of mail with what browsers need: the protocol that is spoken, and no question for certificates
// of clients, which they would pass on to people.
func browserTLS(mail *tls.Config) *tls.Config {
	cfg := forBrowsers(mail)
	if find := mail.GetConfigForClient; find != nil {
		cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			found, err := find(hello)
			if found == nil || err != nil {
				return found, err
			}
			return forBrowsers(found), nil
		}
	}
	return cfg
}

func forBrowsers(mail *tls.Config) *tls.Config {
	cfg := mail.Clone()
	cfg.ClientAuth, cfg.ClientCAs = tls.NoClientCert, nil
	if len(cfg.NextProtos) == 0 {
		cfg.NextProtos = []string{"http/1.1"}
	}
	return cfg
}
