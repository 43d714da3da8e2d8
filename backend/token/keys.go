package token

import (
	"context"
	"errors"

	"github.com/coreos/go-oidc/v3/oidc"
)

// asymmetric are the signatures that an issuer's public keys can check; "none" and those made with a shared secret are
// not among them, whatever its metadata say.
var asymmetric = map[string]bool{
	oidc.RS256: true, oidc.RS384: true, oidc.RS512: true, oidc.ES256: true, oidc.ES384: true, oidc.ES512: true,
	oidc.PS256: true, oidc.PS384: true, oidc.PS512: true, oidc.EdDSA: true,
}

// signatures picks the good ones. OpenID Connect Core, 15.1 has every issuer do RS256.
func signatures(told []string) []string {
	var list []string
	for _, alg := range told {
		if asymmetric[alg] {
			list = append(list, alg)
		}
	}
	if list == nil {
		list = []string{oidc.RS256}
	}
	return list
}

// keySet tells a key that could not be fetched from one that does not fit, which the verifier does not.
type keySet struct{ remote *oidc.RemoteKeySet }

// outcome is the key of a context's *error.
type outcome struct{}

func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, jwt)
	if told, ok := ctx.Value(outcome{}).(*error); ok && (errors.Is(err, ErrUnreachable) || errors.Is(err, ctx.Err())) {
		*told = err
	}
	return payload, err
}
