package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"satchel/backend/token"
)

// checkOAuth finds keys of [oauth] that do not go together, and names the one to look at.
func (c *Config) checkOAuth() (key string, err error) {
	for _, o := range []struct{ key, value string }{{"audience", c.tokens.Audience}, {"client_id", c.tokens.ClientID}, {"client_secret_file", c.secretFile}} {
		if o.value != "" {
			key = "oauth." + o.key // the last of them
		}
	}
	if c.tokens.Issuer == "" {
		if key != "" {
			err = errors.New("oauth.issuer is missing: the other keys of [oauth] go with it")
		}
		return key, err
	}
	if (c.tokens.ClientID == "") != (c.secretFile == "") {
		return key, errors.New("oauth.client_id and oauth.client_secret_file go together: one is missing")
	}
	if _, err := token.New(c.tokens); err != nil {
		return "oauth.issuer", fmt.Errorf("oauth: %w", err)
	}
	return "", nil
}

// Issuer is whose tokens are taken, with the secret out of its file.
func (c *Config) Issuer() (token.Config, error) {
	cfg := c.tokens
	if c.secretFile == "" {
		return cfg, nil
	}
	secret, err := os.ReadFile(c.secretFile)
	if err != nil {
		return cfg, fmt.Errorf("oauth.client_secret_file: %w", err)
	}
	cfg.ClientSecret = strings.TrimSpace(string(secret))
	if cfg.ClientSecret == "" {
		return cfg, fmt.Errorf("oauth.client_secret_file: %s is empty", c.secretFile)
	}
	return cfg, nil
}
