package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"satchel/cmd/satchel/config"
	"satchel/server/acme"
)

// renewals is the manager of the certificates that are got by ACME, and its work. It is changed from one goroutine.
type renewals struct {
	manager atomic.Pointer[acme.Manager] // nil while ACME is off
	halt    context.CancelFunc           // nil before the first start
	ended   chan struct{}
}

// start has a manager work, nil for none, and ends the work of the one before.
func (r *renewals) start(m *acme.Manager) {
	r.stop()
	r.manager.Store(m)
	var ctx context.Context
	ctx, r.halt = context.WithCancel(context.Background())
	r.ended = make(chan struct{})
	go func() {
		defer close(r.ended)
		if m != nil {
			m.Run(ctx)
		}
	}()
}

// stop ends the work and waits for that.
func (r *renewals) stop() {
	if r.halt != nil {
		r.halt()
		<-r.ended
	}
}

// again has what has failed tried at once.
func (r *renewals) again() {
	if m := r.manager.Load(); m != nil {
		m.Again()
	}
}

// ServeHTTP answers an authority that asks over HTTP.
func (r *renewals) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if m := r.manager.Load(); m != nil {
		m.ServeHTTP(w, req)
		return
	}
	http.NotFound(w, req)
}

// certificate answers an authority that asks over TLS.
func (r *renewals) certificate(name string) *tls.Certificate {
	if m := r.manager.Load(); m != nil {
		return m.Certificate(name)
	}
	return nil
}

// isAsked reports whether the front where the authority would ask is open.
func (f *fronts) isAsked(c *config.Config) bool {
	switch {
	case c.ACME.Email == "" || c.Challenge == string(acme.DNS):
		return true
	case c.Challenge == string(acme.TLSALPN):
		return f.addr("https") != ""
	}
	return f.addr("http") != "" || f.addr("web") != ""
}

// obtained takes up a certificate that ACME has brought, or why it has not.
func (f *fronts) obtained(file string, err error) {
	f.certificates.SetTrouble(file, err)
	if err == nil {
		f.certificates.Look()
	}
}

// newACME makes the manager that the configuration wants, nil where ACME is off.
func newACME(c *config.Config, log *slog.Logger, done func(string, error)) (*acme.Manager, error) {
	if c.ACME.Email == "" {
		return nil, nil
	}
	cfg := c.ACME
	cfg.Folder, cfg.Challenge, cfg.Hook = c.ACMEFolder(), acme.Challenge(c.Challenge), strings.Fields(c.Hook)
	cfg.Agent, cfg.Log, cfg.Done = "satchel/"+version(), log, done
	if c.MACKeyFile != "" {
		key, err := os.ReadFile(c.MACKeyFile)
		if err != nil {
			return nil, configError{fmt.Errorf("acme.eab_key_file: %w", err)}
		}
		cfg.MACKey = strings.TrimSpace(string(key))
	}
	m, err := acme.New(cfg)
	if err != nil {
		return nil, configError{fmt.Errorf("acme: %w", err)}
	}
	return m, nil
}
