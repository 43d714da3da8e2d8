package main

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"satchel/server"
)

// keyPairKeys are the keys of one [[tls.certificate]].
var keyPairKeys = []string{"cert", "key"}

// setKeyPairs stores the certificates for other names, which a file has as [[tls.certificate]] tables.
func setKeyPairs(field *[]server.KeyPair, v any) error {
	return setTables(field, v, keyPairKeys, func(table map[string]any) (pair server.KeyPair, err error) {
		if err = setTableText(&pair.Certificate, table, "cert"); err == nil {
			err = setTableText(&pair.Key, table, "key")
		}
		if err == nil && (pair.Certificate == "" || pair.Key == "") {
			err = errors.New(`"cert" and "key" are needed, the names of two files`)
		}
		return pair, err
	})
}

// keyPairsTOML writes the certificates the way setKeyPairs reads them.
func keyPairsTOML(pairs []server.KeyPair) string {
	list := make([]string, len(pairs))
	for i, p := range pairs {
		list[i] = fmt.Sprintf("{ cert = %s, key = %s }", quoteTOML(p.Certificate), quoteTOML(p.Key))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// named are the certificates that the configuration names.
func (c *config) named() (pairs []server.KeyPair) {
	if c.cert != "" {
		pairs = append(pairs, server.KeyPair{Certificate: c.cert, Key: c.key})
	}
	return append(pairs, c.certificates...)
}

// keyPairs are all certificates, first the one for who asks for no name: those that are named, or else one that satchel
// makes for this host.
func (c *config) keyPairs(data string) []server.KeyPair {
	if pairs := c.named(); len(pairs) > 0 {
		return pairs
	}
	return []server.KeyPair{server.SelfSignedPair(ownFolder(data))}
}

// ownFolder is where the certificate is that satchel makes.
func ownFolder(data string) string { return filepath.Join(data, "tls") }

// keyPairs are those of a configuration, in the data folder that is in use; the one to be made is made.
func (f *fronts) keyPairs(cfg *config) ([]server.KeyPair, error) {
	pairs := cfg.keyPairs(f.cfg.data)
	if len(cfg.named()) > 0 {
		return pairs, nil
	}
	_, err := server.SelfSigned(ownFolder(f.cfg.data), f.cfg.hostname)
	return pairs, err
}

// checkCertificates reads the certificates that are named, and tells what clients will not like of their names and times.
func (p *program) checkCertificates(c *config) error {
	pairs := c.named()
	if len(pairs) == 0 {
		return nil // one will be made
	}
	certificates, err := server.LoadCertificates(pairs, c.clientCA, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	fits := false
	for _, s := range certificates.Status() {
		fits = fits || slices.ContainsFunc(s.Names, func(name string) bool { return covers(name, c.hostname) })
		end := s.NotAfter.Format(time.DateOnly)
		switch {
		case time.Now().After(s.NotAfter):
			fmt.Fprintf(p.errOut, "warning: %s, for %s, has expired on %s\n", s.File, strings.Join(s.Names, ", "), end)
		case s.Expiring:
			fmt.Fprintf(p.errOut, "warning: %s, for %s, expires on %s\n", s.File, strings.Join(s.Names, ", "), end)
		}
	}
	if !fits {
		fmt.Fprintf(p.errOut, "warning: no certificate is for %s, the key hostname\n", c.hostname)
	}
	return nil
}

// covers reports whether a name in a certificate, which may have a star for its first label, fits a host.
func covers(name, host string) bool {
	_, domain, _ := strings.Cut(host, ".")
	return strings.EqualFold(name, host) || strings.EqualFold(name, "*."+domain)
}
