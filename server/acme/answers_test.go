package acme

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/mholt/acmez/v3/acme"
)

func challenge(name string) acme.Challenge {
	return acme.Challenge{Token: "token-of-" + name, KeyAuthorization: "key-of-" + name, Identifier: acme.Identifier{Type: "dns", Value: name}}
}

func TestAnswerOverHTTP(t *testing.T) {
	m := &Manager{cfg: Config{Challenge: HTTP}}
	s := m.solvers()[acme.ChallengeTypeHTTP01]
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	a, ctx := challenge("a.example"), context.Background()
	if code, _ := ask(a.HTTP01ResourcePath()); code != 404 {
		t.Errorf("before: %d", code)
	}
	if err := s.Present(ctx, a); err != nil {
		t.Fatal(err)
	}
	if code, text := ask(a.HTTP01ResourcePath()); code != 200 || text != "key-of-a.example" {
		t.Errorf("asked: %d %q", code, text)
	}
	if code, _ := ask(a.HTTP01ResourcePath() + "/x"); code != 404 {
		t.Errorf("another path: %d", code)
	}
	if err := s.CleanUp(ctx, a); err != nil {
		t.Fatal(err)
	}
	if code, _ := ask(a.HTTP01ResourcePath()); code != 404 {
		t.Errorf("afterwards: %d", code)
	}
}

func TestAnswerOverTLS(t *testing.T) {
	m := &Manager{cfg: Config{Challenge: TLSALPN}}
	s := m.solvers()[acme.ChallengeTypeTLSALPN01]
	a, ctx := challenge("a.example"), context.Background()
	if err := s.Present(ctx, a); err != nil {
		t.Fatal(err)
	}
	if c := m.Certificate("A.Example"); c == nil || c.Leaf.VerifyHostname("a.example") != nil {
		t.Errorf("asked: %v", c)
	}
	if m.Certificate("b.example") != nil {
		t.Error("an answer for another name")
	}
	if err := s.CleanUp(ctx, a); err != nil {
		t.Fatal(err)
	}
	if m.Certificate("a.example") != nil {
		t.Error("afterwards: an answer")
	}
}
