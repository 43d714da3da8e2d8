package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// policyPath is where servers that send mail ask at mta-sts.DOMAIN (RFC 8461, 3.2).
const policyPath = "/.well-known/mta-sts.txt"

// MTASTS is what servers that send mail to our domains are told about TLS (RFC 8461). It is the same for all domains: their
// mail comes to the same hosts.
type MTASTS struct {
	Mode string   // "enforce", "testing" or "none"; "" for no policy
	MX   []string // hosts that mail comes to, such as mail.example.org, or *.example.org
}

// Policy is the text of the policy, "" where there is none. It holds for a week after a server has seen it; one that takes
// back an earlier one, for a day (RFC 8461, 8.3).
func (p MTASTS) Policy() string {
	if p.Mode == "" {
		return ""
	}
	age := 7 * 24 * 60 * 60
	if p.Mode == "none" {
		age = 24 * 60 * 60
	}
	var b strings.Builder
	fmt.Fprintf(&b, "version: STSv1\r\nmode: %s\r\n", p.Mode)
	for _, host := range p.MX {
		fmt.Fprintf(&b, "mx: %s\r\n", host)
	}
	fmt.Fprintf(&b, "max_age: %d\r\n", age)
	return b.String()
}

// ID is the policy's name in the DNS, by which servers learn that it has changed: another one for each text.
func (p MTASTS) ID() string {
	sum := sha256.Sum256([]byte(p.Policy()))
	return hex.EncodeToString(sum[:10]) // RFC 8461, 3.1: at most 32 letters and digits
}

// mtaSTS answers servers that are about to send mail to one of our domains.
func (s *Server) mtaSTS(w http.ResponseWriter, r *http.Request) {
	domain, asked := strings.CutPrefix(strings.TrimSuffix(hostOf(r), "."), "mta-sts.")
	policy := s.cfg.MTASTS.Policy()
	if !asked || policy == "" || !s.isOurs(domain) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain") // RFC 8461, 3.2
	w.Write([]byte(policy))
}
