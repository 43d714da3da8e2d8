package acme

import (
	"cmp"
	"crypto/x509"
	"errors"
	"net/url"

	"github.com/mholt/acmez/v3/acme"

	"satchel/server/printable"
)

// longestText bounds what an authority or a hook has to say, in log and status.
const longestText = 600

// failure is why a certificate was not got, with what to do.
type failure struct {
	err  error
	what string
	do   string
}

func (f *failure) Error() string {
	if f.do == "" {
		return f.what
	}
	return f.what + "; " + f.do
}

func (f *failure) Unwrap() error { return f.err }

// explain says what to do about a failed order.
func (m *Manager) explain(name string, err error) error {
	f := &failure{err: err, what: printable.Text(err.Error(), longestText)}
	var problem acme.Problem
	var request *url.Error
	var unknown x509.UnknownAuthorityError
	var ofHook *hookError
	switch {
	case errors.As(err, &ofHook):
		f.what, f.do = ofHook.Error(), "the command of acme.hook must make the record, and end with 0 then"
	case errors.As(err, &problem):
		f.what, f.do = "the authority says: "+saidBy(problem), m.cure(name, problem)
	case errors.As(err, &unknown):
		f.what, f.do = "the certificate of the authority's own server is signed by nobody known here", "acme.ca can name the file of who has; for a public authority the system lacks its list (Debian: ca-certificates)"
	case errors.As(err, &request):
		f.what, f.do = printable.Text(request.Error(), longestText), "the authority cannot be reached: look at acme.directory, at name resolution, and whether the firewall lets connections out"
	}
	return f
}

// saidBy is what a problem is in the authority's words; those about single names say more than what is about the order.
func saidBy(p acme.Problem) string {
	text := cmp.Or(p.Detail, p.Title, p.Type)
	for _, sub := range p.Subproblems {
		text += "; " + sub.Detail
	}
	return printable.Text(text, longestText)
}

// cure says what to do about a problem that the authority has told. RFC 8555, 6.7.
func (m *Manager) cure(name string, p acme.Problem) string {
	switch p.Type {
	case acme.ProblemTypeConnection:
		return m.cureConnection(name)
	case acme.ProblemTypeDNS:
		if m.cfg.Challenge == DNS {
			return "the record was not there yet: let the command wait until all name servers have it, or set a longer acme.hook_wait"
		}
		return "the DNS must have this host's address under " + name + " (A, AAAA)"
	case acme.ProblemTypeUnauthorized, acme.ProblemTypeIncorrectResponse, acme.ProblemTypeTLS:
		return m.cureAnswer(name)
	case acme.ProblemTypeCAA:
		return "a CAA record in the DNS keeps this authority from signing for " + name + ": change it"
	case acme.ProblemTypeRateLimited:
		return "it has had enough requests for now, and is asked again later"
	case acme.ProblemTypeRejectedIdentifier, acme.ProblemTypeUnsupportedIdentifier:
		return "it does not sign for " + name + ": look at hostname and acme.domains"
	case acme.ProblemTypeInvalidContact, acme.ProblemTypeUnsupportedContact:
		return "acme.email must be an address that it can write to"
	case acme.ProblemTypeExternalAccountRequired:
		return "it wants an account of its own named: acme.eab_id and acme.eab_key_file"
	}
	return ""
}

func (m *Manager) cureConnection(name string) string {
	if m.cfg.Challenge == TLSALPN {
		return "port 443 of " + name + " must be reachable from the internet and lead to listen.https: look at the firewall, and at the addresses in the DNS (A, AAAA)"
	}
	return "port 80 of " + name + " must be reachable from the internet and lead to listen.http: look at the firewall, and at the addresses in the DNS (A, AAAA); where it cannot be, there is acme.challenge"
}

func (m *Manager) cureAnswer(name string) string {
	switch m.cfg.Challenge {
	case DNS:
		return "the record had another text: let the command wait until all name servers have the new one, or set a longer acme.hook_wait"
	case TLSALPN:
		return "something else answers on port 443 of " + name + ": look at its addresses in the DNS (A, AAAA), and at what listens or ends TLS there"
	}
	return "something else answers on port 80 of " + name + ": look at its addresses in the DNS (A, AAAA), and at what listens there"
}
