package web

import (
	"errors"
	"net"
	"net/http"
	"strings"

	"satchel/backend"
)

// Service is where mail programs find one of the mail protocols.
type Service struct {
	Host     string
	TLS      int // port with TLS from the first byte; 0 for none
	STARTTLS int // port that begins in the clear; 0 for none
}

// offered reports whether there is any port.
func (s Service) offered() bool { return s.TLS > 0 || s.STARTTLS > 0 }

// access is one way to reach a service.
type access struct {
	host string
	port int
	tls  bool // from the first byte; otherwise by STARTTLS
}

// ways lists how a service can be reached, the best first (RFC 8314, 3).
func (s Service) ways() (list []access) {
	if s.TLS > 0 {
		list = append(list, access{s.Host, s.TLS, true})
	}
	if s.STARTTLS > 0 {
		list = append(list, access{s.Host, s.STARTTLS, false})
	}
	return list
}

// maxAddress is how long an address may be, in bytes (RFC 5321, 4.5.3.1.3).
const maxAddress = 254

// domainFor finds for whose mail the settings are wanted: that of the address, or else that of the name that was asked.
// It is "" for domains that nobody has an address at. Which addresses there are is nobody's business.
func (s *Server) domainFor(r *http.Request, address string) string {
	if len(address) > maxAddress {
		return ""
	}
	domain := address[strings.LastIndexByte(address, '@')+1:]
	if !strings.Contains(address, "@") {
		domain = hostOf(r)
		for _, service := range []string{"autoconfig.", "autodiscover."} {
			domain = strings.TrimPrefix(domain, service)
		}
	}
	if domain = strings.ToLower(strings.TrimSuffix(domain, ".")); !s.isOurs(domain) {
		return ""
	}
	return domain
}

// isOurs says whether somebody has an address at a domain.
func (s *Server) isOurs(domain string) bool {
	ours, err := s.admin.HasDomain(domain)
	if err != nil && !errors.Is(err, backend.ErrNoAccounts) {
		s.log.Error("cannot look up a domain", "error", err)
	}
	return ours && err == nil
}

// hostOf is the name that the request was sent to, without the port.
func hostOf(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(host)
}
