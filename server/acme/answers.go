package acme

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"
)

// answers is what the authority will ask for while orders are under way. Its zero value is empty.
type answers struct {
	mu     sync.Mutex
	tokens map[string]string           // the answers of HTTP-01 by path; guarded by mu
	shown  map[string]*tls.Certificate // those of TLS-ALPN-01 by name; guarded by mu
}

// serve answers HTTP-01. RFC 8555, 8.3.
func (a *answers) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	answer, ok := a.tokens[r.URL.Path]
	a.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	io.WriteString(w, answer)
}

func (a *answers) certificate(name string) *tls.Certificate {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shown[strings.ToLower(name)]
}

// byHTTP has HTTP-01 answered.
type byHTTP struct{ *answers }

func (s byHTTP) Present(_ context.Context, c acme.Challenge) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil {
		s.tokens = map[string]string{}
	}
	s.tokens[c.HTTP01ResourcePath()] = c.KeyAuthorization
	return nil
}

func (s byHTTP) CleanUp(_ context.Context, c acme.Challenge) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, c.HTTP01ResourcePath())
	return nil
}

// byTLS has TLS-ALPN-01 answered. RFC 8737, 3.
type byTLS struct{ *answers }

func (s byTLS) Present(_ context.Context, c acme.Challenge) error {
	answer, err := acmez.TLSALPN01ChallengeCert(c)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown == nil {
		s.shown = map[string]*tls.Certificate{}
	}
	s.shown[strings.ToLower(c.Identifier.Value)] = answer
	return nil
}

func (s byTLS) CleanUp(_ context.Context, c acme.Challenge) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.shown, strings.ToLower(c.Identifier.Value))
	return nil
}

// solvers are the ways to answer that are configured: one, so that a failure is about that one.
func (m *Manager) solvers() map[string]acmez.Solver {
	switch m.cfg.Challenge {
	case TLSALPN:
		return map[string]acmez.Solver{acme.ChallengeTypeTLSALPN01: byTLS{&m.answers}}
	case DNS:
		return map[string]acmez.Solver{acme.ChallengeTypeDNS01: &hook{command: m.cfg.Hook, settle: m.cfg.HookWait}}
	}
	return map[string]acmez.Solver{acme.ChallengeTypeHTTP01: byHTTP{&m.answers}}
}
