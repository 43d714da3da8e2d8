package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"satchel/cmd/satchel/config"
	"satchel/server"
)

// checkCertificates reads the certificates that are named, and tells what clients will not like of their names and times.
func (p *program) checkCertificates(c *config.Config) error {
	names := slices.Clone(c.ACME.Names)
	if pairs := c.NamedPairs(); len(pairs) > 0 {
		certificates, err := server.LoadCertificates(pairs, c.ClientCA, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		for _, s := range certificates.Status() {
			names = append(names, s.Names...)
			p.warnOfEnd(s)
		}
	}
	if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return covers(name, c.Hostname) }) {
		fmt.Fprintf(p.errOut, "warning: no certificate is for %s, the key hostname\n", c.Hostname)
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
