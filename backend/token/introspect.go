package token

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	remembered = time.Minute // how long a good token is taken without asking again
	maxAnswers = 4096
)

// introspect asks the issuer about a token. RFC 7662, 2.
func (i *Issuer) introspect(ctx context.Context, token string) (string, error) {
	key := sha256.Sum256([]byte(token))
	if name, ok := i.known.get(key); ok {
		return name, nil
	}
	claims, err := i.claims(ctx, token)
	if err != nil {
		return "", err
	}
	if active, _ := claims["active"].(bool); !active {
		return "", &Refused{"not active"}
	}
	until := time.Now().Add(remembered)
	if end, told := claims["exp"].(float64); told {
		expiry := time.Unix(int64(end), 0)
		if !time.Now().Before(expiry) {
			return "", &Refused{"expired"}
		}
		if expiry.Before(until) {
			until = expiry
		}
	}
	if from, _ := claims["iss"].(string); from != "" && from != i.cfg.Issuer {
		return "", &Refused{"of another issuer"}
	}
	if i.cfg.Audience != "" && !slices.Contains(audience(claims["aud"]), i.cfg.Audience) {
		return "", &Refused{"for another audience"}
	}
	name, err := i.nameIn(claims)
	if err == nil {
		i.known.put(key, name, until)
	}
	return name, err
}

func (i *Issuer) claims(ctx context.Context, token string) (claims map[string]any, err error) {
	i.mu.Lock()
	endpoint := i.ask
	i.mu.Unlock()
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("%w: its introspection endpoint is no URL", ErrUnreachable)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	// RFC 6749, 2.3.1: both are encoded first.
	r.SetBasicAuth(url.QueryEscape(i.cfg.ClientID), url.QueryEscape(i.cfg.ClientSecret))
	resp, err := i.client.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: introspection: %s", ErrUnreachable, resp.Status)
	}
	if json.NewDecoder(resp.Body).Decode(&claims) != nil {
		return nil, fmt.Errorf("%w: introspection: not JSON", ErrUnreachable)
	}
	return claims, nil
}

// audience is a text or a list of texts.
func audience(v any) (list []string) {
	switch v := v.(type) {
	case string:
		list = append(list, v)
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				list = append(list, s)
			}
		}
	}
	return list
}

// answers keeps for a moment which tokens are good: a client opens many connections at once. Tokens are kept as hashes.
type answers struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]answer // guarded by mu
}

type answer struct {
	name  string
	until time.Time
}

func (a *answers) get(key [sha256.Size]byte) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, ok := a.all[key]
	if ok && time.Now().After(e.until) {
		delete(a.all, key)
		ok = false
	}
	return e.name, ok
}

func (a *answers) put(key [sha256.Size]byte, name string, until time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil || len(a.all) >= maxAnswers {
		a.all = map[[sha256.Size]byte]answer{}
	}
	a.all[key] = answer{name, until}
}
