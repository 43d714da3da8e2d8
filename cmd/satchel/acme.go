package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"satchel/server"
	"satchel/server/acme"
)

// openACME makes the manager of the certificates that are got by ACME, where they are.
func (f *fronts) openACME() (err error) {
	if f.cfg.acme.Email == "" {
		return nil
	}
	if f.acme, err = f.cfg.newACME(f.log, f.obtained); err != nil {
		return configError{err}
	}
	f.certificates.AnswerChallenges(f.acme.Certificate)
	return nil
}

// obtained takes up a certificate that ACME has brought, or why it has not.
func (f *fronts) obtained(file string, err error) {
	f.certificates.SetTrouble(file, err)
	if err == nil {
		f.certificates.Look()
	}
}

// challenges answers an authority that asks over HTTP, nil where nobody does.
func (f *fronts) challenges() http.Handler {
	if f.acme == nil {
		return nil
	}
	return f.acme
}

func (c *config) newACME(log *slog.Logger, done func(string, error)) (*acme.Manager, error) {
	cfg := c.acme
	cfg.Folder, cfg.Challenge, cfg.Hook = c.acmeFolder(), acme.Challenge(c.challenge), strings.Fields(c.hook)
	cfg.Agent, cfg.Log, cfg.Done = "satchel/"+version(), log, done
	if c.macKeyFile != "" {
		key, err := os.ReadFile(c.macKeyFile)
		if err != nil {
			return nil, fmt.Errorf("acme.eab_key_file: %w", err)
		}
		cfg.MACKey = strings.TrimSpace(string(key))
	}
	m, err := acme.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("acme: %w", err)
	}
	return m, nil
}

func (c *config) acmeFolder() string { return filepath.Join(c.data, "acme") }

// acmePairs are the certificates that are got by ACME.
func (c *config) acmePairs() (pairs []server.KeyPair) {
	if c.acme.Email == "" {
		return nil
	}
	for _, name := range c.acme.Names {
		file := acme.File(c.acmeFolder(), c.acme.Directory, name)
		pairs = append(pairs, server.KeyPair{Certificate: file, Key: file, ACME: name})
	}
	return pairs
}
