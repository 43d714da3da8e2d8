package backend

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"satchel/backend/token"
	"satchel/backend/token/tokentest"
)

// tokenDirectory has carol, dave (disabled) and alice, whose account has no domain.
func tokenDirectory(t *testing.T, cfg token.Config) *directory {
	t.Helper()
	d, _ := testDirectory(t, LoginConfig{Tokens: cfg})
	for _, name := range []string{"carol@example.org", "dave@example.org", "alice"} {
		mustAdd(t, d, name, "secret")
	}
	if err := d.setDisabled("dave@example.org", true); err != nil {
		t.Fatal(err)
	}
	return d
}

// bearerLogin plays a whole exchange, and returns the error that the client is shown.
func bearerLogin(t *testing.T, d *directory, mechanism, message string) (name string, told map[string]string, err error) {
	t.Helper()
	x := begin(t, d, mechanism, SASLConn{Remote: loopback})
	challenge, done, err := x.Next([]byte(message))
	if err == nil && !done {
		if json.Unmarshal(challenge, &told) != nil {
			t.Errorf("the challenge is no JSON: %q", challenge)
		}
		_, done, err = x.Next([]byte("\x01"))
	}
	if done {
		name = x.Account().Name()
	}
	if by := x.By(); (by != Credential{}) != done || done && by != (Credential{ID: Token}) {
		t.Errorf("let in by %+v, %v", by, err)
	}
	return name, told, err
}

func gs2(identity, secret string) string {
	if identity != "" {
		identity = "a=" + identity
	}
	return "n," + identity + ",\x01host=mail.example.org\x01port=143\x01auth=Bearer " + secret + "\x01\x01"
}

func xoauth2(user, secret string) string {
	return "user=" + user + "\x01auth=Bearer " + secret + "\x01\x01"
}

func TestBearerKeys(t *testing.T) {
	issuer := tokentest.Start(t)
	d := tokenDirectory(t, token.Config{Issuer: issuer.URL, Audience: tokentest.Audience})
	sign := func(key, address string, changes map[string]any) string {
		return tokentest.Sign(t, issuer.Key(key), issuer.Claims(address, changes))
	}
	good := sign("rsa", "carol@example.org", nil)
	foreign := tokentest.RSAKey(t, "rsa")
	shared := jose.JSONWebKey{Key: []byte(strings.Repeat("k", 32)), KeyID: "rsa", Algorithm: "HS256"}
	hour := time.Now().Add(time.Hour).Unix()
	for _, c := range []struct{ name, identity, secret, reason string }{
		{"good", "", good, ""},
		{"asks for itself", "carol@example.org", good, ""},
		{"elliptic", "", sign("ec", "Carol@Example.org", nil), ""},
		{"one audience of several", "", sign("rsa", "carol@example.org", map[string]any{"aud": []string{"x", tokentest.Audience}}), ""},
		{"verified", "", sign("rsa", "carol@example.org", map[string]any{"email_verified": true}), ""},
		{"asks for another", "alice", good, "account"},
		{"expired", "", sign("rsa", "carol@example.org", map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}), "expired"},
		{"not yet", "", sign("rsa", "carol@example.org", map[string]any{"nbf": hour}), "not valid"},
		{"wrong audience", "", sign("rsa", "carol@example.org", map[string]any{"aud": "other"}), "for another audience"},
		{"wrong issuer", "", sign("rsa", "carol@example.org", map[string]any{"iss": "https://evil.example"}), "of another issuer"},
		{"wrong signature", "", tokentest.Sign(t, foreign, issuer.Claims("carol@example.org", nil)), "not valid"},
		{"spoilt", "", good[:len(good)-8] + "AAAAAAAA", "not valid"},
		{"alg none", "", tokentest.Unsigned(t, issuer.Claims("carol@example.org", nil)), "not valid"},
		{"shared secret", "", tokentest.Sign(t, shared, issuer.Claims("carol@example.org", nil)), "not valid"},
		{"unknown key", "", tokentest.Sign(t, tokentest.RSAKey(t, "new"), issuer.Claims("carol@example.org", nil)), "not valid"},
		{"verified, as text", "", sign("rsa", "carol@example.org", map[string]any{"email_verified": "true"}), ""},
		{"not verified, as text", "", sign("rsa", "carol@example.org", map[string]any{"email_verified": "false"}), "address not verified"},
		{"address not verified", "", sign("rsa", "carol@example.org", map[string]any{"email_verified": false}), "address not verified"},
		{"no address", "", sign("rsa", "", nil), "no claim email"},
		{"no account", "", sign("rsa", "nobody@example.org", nil), "account"},
		{"another domain's", "", sign("rsa", "alice@evil.example", nil), "account"},
		{"no token", "", "x.y", "not valid"},
		{"huge", "", strings.Repeat("x", 20_000), "no token"},
	} {
		for mechanism, message := range map[string]string{"OAUTHBEARER": gs2(c.identity, c.secret), "XOAUTH2": xoauth2(c.identity, c.secret)} {
			if mechanism == "XOAUTH2" && c.identity == "" {
				message = xoauth2("carol@example.org", c.secret)
			}
			name, told, err := bearerLogin(t, d, mechanism, message)
			if c.reason == "" {
				if name != "carol@example.org" || err != nil {
					t.Errorf("%s, %s: %q, %v", mechanism, c.name, name, err)
				}
				continue
			}
			var refused *TokenRefused
			if name != "" || !errors.Is(err, ErrAuth) || errors.As(err, &refused) && refused.Reason != c.reason {
				t.Errorf("%s, %s: %q, %v, want %s", mechanism, c.name, name, err, c.reason)
			}
			if want := map[string]string{"OAUTHBEARER": "invalid_token", "XOAUTH2": "401"}[mechanism]; told["status"] != want ||
				told["openid-configuration"] != issuer.URL+"/.well-known/openid-configuration" {
				t.Errorf("%s, %s: client is told %v", mechanism, c.name, told)
			}
			if strings.Contains(err.Error(), c.secret) {
				t.Errorf("%s, %s: the token is in the error: %v", mechanism, c.name, err)
			}
		}
	}
	if _, _, err := bearerLogin(t, d, "OAUTHBEARER", gs2("", sign("rsa", "dave@example.org", nil))); !errors.Is(err, ErrDisabled) {
		t.Errorf("a disabled account: %v", err)
	}
	// Tokens with unknown keys do not have the issuer asked over and over.
	if n := issuer.Hits("/keys"); n > 2 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

func TestBearerSyntax(t *testing.T) {
	issuer := tokentest.Start(t)
	d := tokenDirectory(t, token.Config{Issuer: issuer.URL, Audience: tokentest.Audience})
	for _, c := range []struct{ mechanism, message string }{
		{"OAUTHBEARER", ""},
		{"OAUTHBEARER", "n,,"},
		{"OAUTHBEARER", "n,,\x01\x01"},
		{"OAUTHBEARER", "p=tls-exporter,,\x01auth=Bearer x\x01\x01"},
		{"OAUTHBEARER", "n,b=x,\x01auth=Bearer x\x01\x01"},
		{"OAUTHBEARER", "n,,\x01auth=Basic x\x01\x01"},
		{"OAUTHBEARER", "n,,\x01auth=Bearer \x01\x01"},
		{"OAUTHBEARER", "n,,\x01auth=Bearer x\x01"},
		{"OAUTHBEARER", "user=x\x01auth=Bearer x\x01\x01"},
		{"XOAUTH2", "auth"},
		{"XOAUTH2", "user=x\x01\x01"},
	} {
		_, told, err := bearerLogin(t, d, c.mechanism, c.message)
		if !errors.Is(err, ErrSASL) || told["status"] != "invalid_request" && told["status"] != "400" {
			t.Errorf("%s %q: %v, %v", c.mechanism, c.message, told, err)
		}
	}
	x := begin(t, d, "OAUTHBEARER", SASLConn{})
	if challenge, done, err := x.Next(nil); len(challenge) > 0 || done || err != nil {
		t.Errorf("without an initial response: %q, %v, %v", challenge, done, err)
	}
	good := tokentest.Sign(t, issuer.Key("rsa"), issuer.Claims("carol@example.org", nil))
	if _, done, err := x.Next([]byte("y,a=carol@example.org,\x01auth=bearer " + good + "\x01future=x\x01\x01")); !done || err != nil {
		t.Errorf("after that: %v, %v", done, err)
	}
}

func TestBearerIntrospection(t *testing.T) {
	issuer := tokentest.Start(t)
	cfg := token.Config{Issuer: issuer.URL, Audience: tokentest.Audience, Claim: "username", ClientID: tokentest.ClientID, ClientSecret: tokentest.ClientSecret}
	d := tokenDirectory(t, cfg)
	issuer.Opaque("good", issuer.Claims("", map[string]any{"username": "carol@example.org"}))
	issuer.Opaque("expired", issuer.Claims("", map[string]any{"username": "carol@example.org", "exp": time.Now().Unix() - 1}))
	issuer.Opaque("audience", issuer.Claims("", map[string]any{"username": "carol@example.org", "aud": []string{"x"}}))
	issuer.Opaque("issuer", issuer.Claims("", map[string]any{"username": "carol@example.org", "iss": "https://evil.example"}))
	issuer.Opaque("nameless", issuer.Claims("carol@example.org", nil))
	for range 3 {
		if name, _, err := bearerLogin(t, d, "OAUTHBEARER", gs2("", "good")); name != "carol@example.org" || err != nil {
			t.Errorf("%q, %v", name, err)
		}
	}
	if n := issuer.Hits("/introspect"); n != 1 {
		t.Errorf("asked %d times about a good token", n)
	}
	for secret, reason := range map[string]string{"expired": "expired", "audience": "for another audience",
		"issuer": "of another issuer", "nameless": "no claim username", "unknown": "not active"} {
		var refused *TokenRefused
		if _, _, err := bearerLogin(t, d, "XOAUTH2", xoauth2("carol@example.org", secret)); !errors.As(err, &refused) || refused.Reason != reason {
			t.Errorf("%s: %v", secret, err)
		}
	}
	cfg.ClientSecret = "wrong"
	if _, _, err := bearerLogin(t, tokenDirectory(t, cfg), "OAUTHBEARER", gs2("", "good")); !errors.Is(err, ErrIssuer) {
		t.Errorf("with the wrong secret: %v", err)
	}
}

// TestBearerTrouble: an issuer that is not there is nobody's failed attempt, and a client that leaves ends the wait.
func TestBearerTrouble(t *testing.T) {
	d := tokenDirectory(t, token.Config{Issuer: "http://127.0.0.1:1", Audience: "x"})
	for range 3 {
		if _, _, err := bearerLogin(t, d, "OAUTHBEARER", gs2("", "secret")); !errors.Is(err, ErrIssuer) || errors.Is(err, ErrAuth) {
			t.Errorf("%v", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x, err := d.exchange(ctx, "OAUTHBEARER", SASLConn{Remote: netip.MustParseAddr("192.0.2.1")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := x.Next([]byte(gs2("", "secret"))); err == nil {
		t.Error("no error after the end")
	}
	for _, cfg := range []token.Config{{Issuer: "http://id.example.org", Audience: "x"}, {Issuer: "id", Audience: "x"}, {Issuer: "https://id.example.org"}} {
		if _, err := token.New(cfg); err == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
}
