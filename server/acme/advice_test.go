package acme

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/mholt/acmez/v3/acme"
)

func TestExplain(t *testing.T) {
	problem := func(kind string) error {
		return fmt.Errorf("solving: %w", acme.Problem{Type: acme.ProblemTypeNamespace + kind, Detail: "the detail"})
	}
	for _, c := range []struct {
		by   Challenge
		err  error
		says []string
	}{
		{HTTP, problem("connection"), []string{"the authority says: the detail; ", "port 80 of a.example must be reachable", "listen.http"}},
		{TLSALPN, problem("connection"), []string{"port 443 of a.example must be reachable", "listen.https"}},
		{HTTP, problem("dns"), []string{"this host's address under a.example"}},
		{DNS, problem("dns"), []string{"acme.hook_wait"}},
		{HTTP, problem("unauthorized"), []string{"something else answers on port 80"}},
		{TLSALPN, problem("tls"), []string{"something else answers on port 443"}},
		{DNS, problem("unauthorized"), []string{"acme.hook_wait"}},
		{HTTP, problem("caa"), []string{"CAA record"}},
		{HTTP, problem("rateLimited"), []string{"asked again later"}},
		{HTTP, problem("rejectedIdentifier"), []string{"acme.domains"}},
		{HTTP, problem("invalidContact"), []string{"acme.email"}},
		{HTTP, problem("externalAccountRequired"), []string{"acme.eab_id"}},
		{HTTP, &url.Error{Op: "Get", URL: "https://ca.example", Err: &net.DNSError{Err: "no such host", Name: "ca.example"}}, []string{"no such host; ", "cannot be reached", "acme.directory"}},
		{HTTP, &url.Error{Op: "Get", URL: "https://ca.example", Err: x509.UnknownAuthorityError{}}, []string{"acme.ca", "ca-certificates"}},
		{HTTP, errors.New("something new"), []string{"something new"}},
		{HTTP, errors.New("two\nlines\x1b[31m\u009b"), []string{"two lines?[31m?"}},
	} {
		m := &Manager{cfg: Config{Challenge: c.by}}
		err := m.explain("a.example", c.err)
		if !errors.Is(err, c.err) {
			t.Errorf("%v is lost", c.err)
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s, %v: %q lacks %q", c.by, c.err, err, part)
			}
		}
	}
}
