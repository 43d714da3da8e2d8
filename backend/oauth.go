package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"satchel/backend/token"
)

// ErrIssuer says that the issuer of tokens could not be asked; later it may be.
var ErrIssuer = token.ErrUnreachable

// TokenRefused is in the ErrAuth of a token that is not good, and says why.
type TokenRefused = token.Refused

// nobody is the user of a token before the issuer has said whose it is.
const nobody = "-"

// bearer is the server's side of OAUTHBEARER (RFC 7628) and of XOAUTH2, its
// forerunner, which Google's and Microsoft's clients speak.
type bearer struct {
	*login
	gs2    bool  // OAUTHBEARER: a GS2 header comes first
	failed error // what the exchange ends with once the client has seen why
}

// Next takes the one message of the client. RFC 7628, 3.2.2 and 3.2.3: of a
// failure the client is told the details as a challenge, which it answers with
// something that means nothing.
func (b *bearer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case b.failed != nil:
		return nil, false, b.failed
	case response == nil:
		return nil, false, nil
	}
	secret, ok := b.parse(string(response))
	if !ok {
		return b.fail("invalid_request", ErrSASL)
	}
	err = b.check(secret)
	var refused *token.Refused
	switch {
	case err == nil:
		return nil, true, nil
	case errors.As(err, &refused):
		return b.fail("invalid_token", fmt.Errorf("%w: %w", ErrAuth, err))
	case errors.Is(err, ErrAuth):
		return b.fail("invalid_token", err)
	}
	return nil, false, err
}

func (b *bearer) fail(status string, err error) ([]byte, bool, error) {
	b.failed = err
	told := map[string]string{"status": status, "schemes": "bearer", "scope": "openid email", "openid-configuration": b.d.tokens.Discovery()}
	if !b.gs2 {
		told["status"] = map[string]string{"invalid_request": "400", "invalid_token": "401"}[status]
	}
	text, err := json.Marshal(told)
	return text, false, err
}

// parse takes the message apart: "n,a=user," or nothing, then key=value pairs that
// each end with ^A, and one ^A at the end. RFC 7628, 3.1: unknown keys are ignored.
func (b *bearer) parse(message string) (secret string, ok bool) {
	if b.gs2 {
		header, rest, found := strings.Cut(message, "\x01")
		if !found || !b.parseGS2(header) {
			return "", false
		}
		message = rest
	}
	pairs, ended := strings.CutSuffix(message, "\x01\x01")
	if !ended {
		return "", false
	}
	for pair := range strings.SplitSeq(pairs, "\x01") {
		key, value, found := strings.Cut(pair, "=")
		switch {
		case !found:
			return "", false
		case key == "user" && !b.gs2:
			b.user, b.identity = value, value
		case key == "auth":
			scheme, text, _ := strings.Cut(value, " ")
			if secret = strings.TrimSpace(text); !strings.EqualFold(scheme, "Bearer") {
				return "", false
			}
		}
	}
	return secret, secret != ""
}

// parseGS2 reads "n,[a=identity],": RFC 5801, 4. Channel binding is not done.
func (b *bearer) parseGS2(header string) bool {
	parts := strings.Split(header, ",")
	if len(parts) != 3 || parts[0] != "n" && parts[0] != "y" || parts[2] != "" {
		return false
	}
	name, given := strings.CutPrefix(parts[1], "a=")
	if !given && parts[1] != "" {
		return false
	}
	name = strings.NewReplacer("=2C", ",", "=3D", "=").Replace(name)
	b.user, b.identity = name, name
	return true
}

// check asks about the token, and finds the account that it names. Failures count
// against the address they come from, and against who was asked for.
func (b *bearer) check(secret string) error {
	counted := b.user
	if b.user == "" {
		b.user, counted = nobody, b.conn.Remote.String()
	}
	b.try = b.d.throttle.Attempt(b.conn.Remote, "token\x00"+strings.ToLower(counted))
	if err := b.try.Wait(b.ctx); err != nil {
		return err
	}
	name, err := b.d.tokens.Check(b.ctx, secret)
	if err == nil {
		err = b.named(name)
	}
	var refused *token.Refused
	if errors.As(err, &refused) || errors.Is(err, ErrAuth) {
		b.try.Failed(secret)
	}
	if err == nil {
		b.try.Succeeded()
	}
	return err
}

// named makes the login that of the account which the issuer says.
func (b *bearer) named(name string) (err error) {
	if b.user == nobody {
		b.user = name
	}
	if b.account, err = b.d.asserted(name); err != nil {
		return err
	}
	if b.account.ID == 0 {
		return fmt.Errorf("log in %q: no account has that address: %w", name, ErrAuth)
	}
	return b.vouched(Token, b.authorize())
}
