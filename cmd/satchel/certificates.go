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

// keyPairs are all certificates, first the one for who asks for no name: those that are named, those that are got by
// ACME, and where none is named one that satchel makes for this host.
func (c *config) keyPairs() []server.KeyPair {
	pairs := slices.Concat(c.named(), c.acmePairs())
	if len(c.named()) == 0 {
		pairs = append(pairs, server.SelfSignedPair(c.ownFolder()))
	}
	return pairs
}

// ownFolder is where the certificate is that satchel makes.
func (c *config) ownFolder() string { return filepath.Join(c.data, "tls") }

// madePairs are all certificates too; the one that satchel makes is made where it is missing.
func (c *config) madePairs() ([]server.KeyPair, error) {
	if len(c.named()) == 0 {
		if _, err := server.SelfSigned(c.ownFolder(), c.hostname); err != nil {
			return nil, err
		}
	}
	return c.keyPairs(), nil
}

// checkCertificates reads the certificates that are named, and tells what clients will not like of their names and times.
func (p *program) checkCertificates(c *config) error {
	names := slices.Clone(c.acme.Names)
	if pairs := c.named(); len(pairs) > 0 {
		certificates, err := server.LoadCertificates(pairs, c.clientCA, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		for _, s := range certificates.Status() {
			names = append(names, s.Names...)
			p.warnOfEnd(s)
		}
	}
	if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return covers(name, c.hostname) }) {
		fmt.Fprintf(p.errOut, "warning: no certificate is for %s, the key hostname\n", c.hostname)
	}
	return nil
}

func (p *program) warnOfEnd(s server.CertificateStatus) {
	if !s.Expiring {
		return
	}
	ends := "expires"
	if time.Now().After(s.NotAfter) {
		ends = "has expired"
	}
	fmt.Fprintf(p.errOut, "warning: %s, for %s, %s on %s\n", s.File, strings.Join(s.Names, ", "), ends, s.NotAfter.Format(time.DateOnly))
}

// covers reports whether a name in a certificate, which may have a star for its first label, fits a host.
func covers(name, host string) bool {
	_, domain, _ := strings.Cut(host, ".")
	return strings.EqualFold(name, host) || strings.EqualFold(name, "*."+domain)
}
