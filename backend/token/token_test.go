package token

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"satchel/backend/token/tokentest"
)

func newIssuer(t *testing.T, cfg Config) *Issuer {
	t.Helper()
	i, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestRotation: tokens of a new key are good once the keys may be fetched again, and
// the old key stays good.
func TestRotation(t *testing.T) {
	server := tokentest.Start(t)
	i := newIssuer(t, Config{Issuer: server.URL, Audience: tokentest.Audience})
	check := func(key string) error {
		_, err := i.Check(context.Background(), tokentest.Sign(t, server.Key(key), server.Claims("a@example.org", nil)))
		return err
	}
	if err := check("rsa"); err != nil {
		t.Fatal(err)
	}
	server.AddKey(tokentest.RSAKey(t, "next"))
	var refused *Refused
	if err := check("next"); !errors.As(err, &refused) {
		t.Errorf("at once: %v", err)
	}
	if n := server.Hits("/keys"); n != 1 {
		t.Errorf("%d requests within a moment", n)
	}
	i.client.Transport.(*guard).repeat = 0
	for try := 0; check("next") != nil; try++ { // the answer of before may still be on its way out
		if try == 1000 {
			t.Fatal("the new key is not known later")
		}
	}
	if err := check("rsa"); err != nil {
		t.Errorf("the old key, later: %v", err)
	}
}

// TestBadIssuer: whatever an issuer does, it is not reached, and a token is not good.
func TestBadIssuer(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"another's metadata": func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"issuer":"https://evil.example"}`)) },
		"not JSON":           func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`<html>`)) },
		"trouble":            func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"sends us on": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				w.Write([]byte(strings.Repeat(" ", 64<<10)))
			}
		},
	} {
		server := httptest.NewServer(h)
		i := newIssuer(t, Config{Issuer: server.URL, Audience: "x"})
		for range 2 {
			if _, err := i.Check(context.Background(), "a.b.c"); !errors.Is(err, ErrUnreachable) {
				t.Errorf("%s: %v", name, err)
			}
		}
		server.Close()
	}
}

// TestKeysOutOfReach: an issuer that is there and has no keys to give is out of reach; nobody's token was wrong.
func TestKeysOutOfReach(t *testing.T) {
	good := tokentest.Start(t)
	var url string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte(`{"issuer":"` + url + `","jwks_uri":"` + url + `/keys"}`))
	}))
	defer server.Close()
	url = server.URL
	i := newIssuer(t, Config{Issuer: url, Audience: tokentest.Audience})
	_, err := i.Check(context.Background(), tokentest.Sign(t, good.Key("rsa"), good.Claims("a@example.org", map[string]any{"iss": url})))
	if !errors.Is(err, ErrUnreachable) {
		t.Errorf("%v", err)
	}
}
