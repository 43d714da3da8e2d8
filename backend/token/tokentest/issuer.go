// Package tokentest is a small issuer of tokens for tests: a real one, on loopback, with real keys. It is safe for
// concurrent use.
package tokentest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// What the issuer's tokens are for, and how it knows who asks about one.
const (
	Audience     = "mail.example.org"
	ClientID     = "satchel"
	ClientSecret = "s3cret/with:signs"
)

// Issuer is a running issuer.
type Issuer struct {
	URL string

	mu     sync.Mutex
	keys   jose.JSONWebKeySet
	opaque map[string]map[string]any // what introspection tells of tokens
	hits   map[string]int            // requests by path
}

// Start starts an issuer with an RSA key "rsa" and an elliptic one "ec", which ends with the test.
func Start(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{opaque: map[string]map[string]any{}, hits: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.count(i.discovery))
	mux.HandleFunc("GET /keys", i.count(i.publicKeys))
	mux.HandleFunc("POST /introspect", i.count(i.introspect))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.URL = server.URL
	i.AddKey(RSAKey(t, "rsa"))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.AddKey(jose.JSONWebKey{Key: key, KeyID: "ec", Algorithm: "ES256", Use: "sig"})
	return i
}

// RSAKey makes a key that no issuer has yet.
func RSAKey(t testing.TB, id string) jose.JSONWebKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: key, KeyID: id, Algorithm: "RS256", Use: "sig"}
}

// AddKey makes a key one of the issuer's.
func (i *Issuer) AddKey(key jose.JSONWebKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys.Keys = append(i.keys.Keys, key)
}

// Key returns the issuer's key of that name.
func (i *Issuer) Key(id string) jose.JSONWebKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys.Key(id)[0]
}

// Hits says how often a path was asked for.
func (i *Issuer) Hits(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.hits[path]
}

// Opaque makes a token that only the issuer can tell about.
func (i *Issuer) Opaque(token string, claims map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.opaque[token] = claims
}

// Claims are those of a good token for the address, with changes.
func (i *Issuer) Claims(address string, changes map[string]any) map[string]any {
	claims := map[string]any{"iss": i.URL, "aud": Audience, "sub": "17", "email": address, "exp": time.Now().Add(time.Hour).Unix(),
		"iat": time.Now().Unix()}
	maps.Copy(claims, changes)
	return claims
}

// Sign makes a JSON Web Token.
func Sign(t testing.TB, key jose.JSONWebKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Unsigned makes a JSON Web Token with "alg" none.
func Unsigned(t testing.TB, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(`{"alg":"none"}`)) + "." + enc.EncodeToString(payload) + "."
}

func (i *Issuer) count(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.hits[r.URL.Path]++
		w.Header().Set("Content-Type", "application/json")
		h(w, r)
	}
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
		"jwks_uri": i.URL + "/keys", "introspection_endpoint": i.URL + "/introspect",
		"id_token_signing_alg_values_supported": []string{"none", "HS256", "RS256", "ES256"}})
}

func (i *Issuer) publicKeys(w http.ResponseWriter, _ *http.Request) {
	var public jose.JSONWebKeySet
	for _, k := range i.keys.Keys {
		public.Keys = append(public.Keys, k.Public())
	}
	json.NewEncoder(w).Encode(public)
}

func (i *Issuer) introspect(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if id != ClientID || secret != "s3cret%2Fwith%3Asigns" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	claims := map[string]any{"active": false}
	if known := i.opaque[r.PostFormValue("token")]; known != nil {
		claims = map[string]any{"active": true}
		maps.Copy(claims, known)
	}
	json.NewEncoder(w).Encode(claims)
}
