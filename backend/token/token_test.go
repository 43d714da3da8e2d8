package token

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
		"keys in the clear": func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte(`{"issuer":"http://` + r.Host + `","jwks_uri":"http://keys.example/"}`))
		},
		"asked in the clear": func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte(`{"issuer":"http://` + r.Host + `","jwks_uri":"http://` + r.Host + `","introspection_endpoint":"http://x.example/"}`))
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

// TestSilentIssuer: an issuer that takes requests and never answers is waited for once, not by every token; and not
// at all to speak of where its metadata and keys are known.
func TestSilentIssuer(t *testing.T) {
	good := tokentest.Start(t)
	var silent atomic.Bool
	var asked atomic.Int32
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if silent.Load() {
			<-r.Context().Done()
			return
		}
		w.Write([]byte(`{"issuer":"` + server.URL + `","jwks_uri":"` + good.URL + `/keys"}`))
	})
	server.Start()
	defer server.Close()
	token := tokentest.Sign(t, good.Key("rsa"), good.Claims("a@example.org", map[string]any{"iss": server.URL}))
	check := func(i *Issuer, want error) {
		t.Helper()
		asked.Store(0)
		for range 3 {
			if _, err := i.Check(context.Background(), token); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	}
	known := newIssuer(t, Config{Issuer: server.URL, Audience: tokentest.Audience})
	check(known, nil)
	silent.Store(true)
	unknown := newIssuer(t, Config{Issuer: server.URL, Audience: tokentest.Audience})
	unknown.client.Timeout = 50 * time.Millisecond
	check(unknown, ErrUnreachable)
	known.client.Timeout, known.client.Transport.(*guard).repeat, known.due = 50*time.Millisecond, 0, time.Time{}
	check(known, nil)
}
