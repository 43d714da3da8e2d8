// Package token checks bearer tokens (RFC 6750) against one issuer: by its keys (JSON Web Tokens, OpenID Connect Discovery
// 1.0), or by asking it (RFC 7662). It owns the connections to the issuer and what is kept of its answers. It knows no
// accounts, and never puts a token or a secret into an error. An Issuer is safe for concurrent use.
package token

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	maxChecks   = 16              // tokens being checked at once; others wait
	maxToken    = 16 << 10        // bytes of a token
	rediscovery = time.Hour       // then the issuer's metadata are read again
	retry       = 5 * time.Minute // ... and then, if that failed and there are older ones
)

// ErrUnreachable says that the issuer could not be asked; later it may be.
var ErrUnreachable = errors.New("the issuer of tokens cannot be reached")

// Refused says that a token is not good. Reason is for the log.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return "token refused: " + r.Reason }

// Config says whose tokens are taken.
type Config struct {
	Issuer   string // its URL, https or on this machine
	Audience string // whom tokens must be for; only with ClientID may it be ""
	Claim    string // which claim names the account; "" is "email"

	// With ClientID the issuer is asked about each token, which finds out revoked ones and does for tokens of any kind.
	// Without, tokens are JSON Web Tokens, and its keys are enough.
	ClientID, ClientSecret string
}

// Issuer checks the tokens of one issuer.
type Issuer struct {
	cfg    Config
	client *http.Client
	turns  chan struct{}
	known  answers

	mu       sync.Mutex // guards the next three, for as long as a request takes
	due      time.Time  // when the metadata are to be read
	verifier *oidc.IDTokenVerifier
	ask      string // the introspection endpoint
}

// New checks the configuration; the issuer is not asked before the first token comes.
func New(cfg Config) (*Issuer, error) {
	if cfg.Claim == "" {
		cfg.Claim = "email"
	}
	switch {
	case !secure(cfg.Issuer):
		return nil, fmt.Errorf("issuer %q is not an https URL", cfg.Issuer)
	case cfg.Audience == "" && cfg.ClientID == "":
		return nil, errors.New("an audience is needed, or else a client id to ask the issuer with")
	}
	return &Issuer{cfg: cfg, client: newClient(), turns: make(chan struct{}, maxChecks)}, nil
}

// secure reports whether tokens and secrets may be sent to a URL.
func secure(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()))
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Discovery is the URL of the issuer's metadata, which clients are told.
func (i *Issuer) Discovery() string {
	return strings.TrimSuffix(i.cfg.Issuer, "/") + "/.well-known/openid-configuration"
}

// Check returns the name that the issuer gives the bearer of a token. The errors are *Refused, ErrUnreachable and ctx's.
func (i *Issuer) Check(ctx context.Context, token string) (name string, err error) {
	if token == "" || len(token) > maxToken {
		return "", &Refused{"no token"}
	}
	select {
	case i.turns <- struct{}{}:
		defer func() { <-i.turns }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if err := i.discover(ctx); err != nil {
		return "", err
	}
	if i.cfg.ClientID != "" {
		return i.introspect(ctx, token)
	}
	return i.verify(ctx, token)
}

// discover reads the issuer's metadata when it is time. Where that fails, those from before hold.
func (i *Issuer) discover(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if time.Now().Before(i.due) {
		return nil
	}
	ctx = oidc.ClientContext(ctx, i.client)
	provider, err := oidc.NewProvider(ctx, i.cfg.Issuer)
	var metadata struct {
		Keys string   `json:"jwks_uri"`
		Ask  string   `json:"introspection_endpoint"`
		Algs []string `json:"id_token_signing_alg_values_supported"`
	}
	if err == nil {
		err = provider.Claims(&metadata)
	}
	if err == nil && i.cfg.ClientID != "" && metadata.Ask == "" {
		err = errors.New("no introspection endpoint")
	}
	if err == nil && (metadata.Keys != "" && !secure(metadata.Keys) || metadata.Ask != "" && !secure(metadata.Ask)) {
		err = errors.New("its metadata name endpoints that are not https") // RFC 8414, 2
	}
	if err != nil {
		if i.verifier != nil {
			i.due = time.Now().Add(retry) // nobody else waits for an issuer that does not answer
			return nil
		}
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	keys := &keySet{oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), i.client), metadata.Keys)}
	i.verifier = oidc.NewVerifier(i.cfg.Issuer, keys, &oidc.Config{ClientID: i.cfg.Audience, SkipClientIDCheck: i.cfg.Audience == "",
		SupportedSigningAlgs: signatures(metadata.Algs)})
	i.ask, i.due = metadata.Ask, time.Now().Add(rediscovery)
	return nil
}

// verify checks a JSON Web Token.
func (i *Issuer) verify(ctx context.Context, token string) (string, error) {
	i.mu.Lock()
	verifier := i.verifier
	i.mu.Unlock()
	var unreachable error
	jwt, err := verifier.Verify(context.WithValue(ctx, outcome{}, &unreachable), token)
	var expired *oidc.TokenExpiredError
	switch {
	case err == nil:
	case unreachable != nil:
		return "", unreachable
	case errors.As(err, &expired):
		return "", &Refused{"expired"}
	case strings.Contains(err.Error(), "audience"):
		return "", &Refused{"for another audience"}
	case strings.Contains(err.Error(), "issued by"):
		return "", &Refused{"of another issuer"}
	default:
		return "", &Refused{"not valid"}
	}
	var claims map[string]any
	if err := jwt.Claims(&claims); err != nil {
		return "", &Refused{"not valid"}
	}
	return i.nameIn(claims)
}

// nameIn finds the claim that names the account.
func (i *Issuer) nameIn(claims map[string]any) (string, error) {
	name, _ := claims[i.cfg.Claim].(string)
	if name == "" {
		return "", &Refused{"no claim " + i.cfg.Claim}
	}
	// An address that its owner has only claimed is anybody's. Some issuers write "true" and "false".
	if verified := claims["email_verified"]; verified != nil && verified != true && verified != "true" && i.cfg.Claim == "email" {
		return "", &Refused{"address not verified"}
	}
	return name, nil
}
