// Package acme gets certificates from a certificate authority by ACME (RFC 8555), one for each name, and renews them
// when the authority would have it (RFC 9773), or after two thirds of their life.
//
// It owns the account, the certificates in their folder, the answers to challenges, and when to try again. It never
// serves TLS: who does is told of new files. How ACME is spoken is acmez's. A Manager is safe for concurrent use.
package acme

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os/exec"
	"slices"
	"time"
)

// Challenge is how the authority finds out that a name is this host's.
type Challenge string

// The challenges.
const (
	HTTP    Challenge = "http"     // it asks on port 80 (HTTP-01)
	TLSALPN Challenge = "tls-alpn" // it shakes hands on port 443 (TLS-ALPN-01, RFC 8737)
	DNS     Challenge = "dns"      // it looks up a record that a command makes (DNS-01)
)

// LetsEncrypt is the directory of Let's Encrypt.
const LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// Config says what to get and how. All but the fields marked optional are needed.
type Config struct {
	Folder    string   // made readable for its owner only
	Directory string   // the authority's URL
	Email     string   // of the account, by which the authority's terms are agreed to
	Names     []string // DNS names in lower case, with DNS also such as *.example.org
	Challenge Challenge
	Hook      []string      // with DNS: the command and its arguments, to which those of lego's "exec" are added
	HookWait  time.Duration // with DNS: what name servers need after the command has ended
	Profile   string        // optional: of the certificates, among those that the authority offers
	CA        string        // optional: file (PEM) of who has signed the certificate of the directory's own server
	KeyID     string        // optional: of the account at the authority that the new one is to be bound to
	MACKey    string        // goes with KeyID; base64url
	Agent     string        // the program's name and version

	// Done is called when a certificate is in its file, or, with an error, when it could not be got.
	Done func(file string, err error)
	Log  *slog.Logger
}

// Manager keeps the certificates.
type Manager struct {
	cfg     Config
	folder  string // of this authority's
	http    *http.Client
	log     *slog.Logger
	answers answers
	again   chan struct{}
	list    []*certificate // belongs to Run
}

// New makes a manager that does nothing until Run. The error says which field is wrong; no file has been written.
func New(cfg Config) (*Manager, error) {
	client, err := newHTTPClient(cfg.CA)
	switch {
	case err != nil:
		return nil, err
	case len(cfg.Names) == 0:
		return nil, errors.New("there is no name to get a certificate for")
	case (cfg.KeyID == "") != (cfg.MACKey == ""):
		return nil, errors.New("an account to be bound to needs an identifier and a key")
	case cfg.Challenge == DNS && len(cfg.Hook) == 0:
		return nil, errors.New("hook: a command is needed")
	case cfg.Challenge == DNS:
		if _, err := exec.LookPath(cfg.Hook[0]); err != nil {
			return nil, fmt.Errorf("hook: %w", err)
		}
	}
	m := &Manager{cfg: cfg, folder: folderOf(cfg.Folder, cfg.Directory), http: client, log: cfg.Log, again: make(chan struct{}, 1)}
	for _, name := range cfg.Names {
		m.list = append(m.list, &certificate{name: name, file: File(cfg.Folder, cfg.Directory, name)})
	}
	return m, nil
}

// ServeHTTP answers the authority's requests for HTTP-01, on port 80 below /.well-known/acme-challenge/.
func (m *Manager) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.answers.serve(w, r) }

// Certificate is what the authority is shown under a name for TLS-ALPN-01, nil when it has not been asked to come.
func (m *Manager) Certificate(name string) *tls.Certificate { return m.answers.certificate(name) }

// Again has what has failed tried at once, unless the authority has said to wait.
func (m *Manager) Again() {
	select {
	case m.again <- struct{}{}:
	default:
	}
}

// longestSleep bounds how wrong a clock may be that was set, or stood still, meanwhile.
const longestSleep = time.Hour

// Run gets certificates and renews them until ctx ends, one after another.
func (m *Manager) Run(ctx context.Context) {
	now := wallClock()
	for _, c := range m.list {
		m.open(c, now)
	}
	for ; ; now = wallClock() {
		for _, c := range m.list {
			c.setRight(now)
		}
		c := slices.MinFunc(m.list, func(a, b *certificate) int { return a.next().Compare(b.next()) })
		if m.sleep(ctx, c.next().Sub(now)); ctx.Err() != nil {
			return
		}
		if now = wallClock(); !c.next().After(now) {
			m.attend(ctx, c, now)
		}
	}
}

// sleep waits, at most for an hour, or until somebody calls Again.
func (m *Manager) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(min(d, longestSleep))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-m.again:
		for _, c := range m.list {
			c.hurry()
		}
	}
}

// wallClock is the time as it is on calendars, whatever has become of the process meanwhile.
func wallClock() time.Time { return time.Now().Round(0) }

// open finds the certificate that is there already.
func (m *Manager) open(c *certificate, now time.Time) {
	leaf, err := readLeaf(c.file, c.name)
	if err != nil {
		m.log.Warn("certificate of ACME cannot be used: a new one is ordered", "file", c.file, "error", err)
	}
	if leaf != nil {
		c.have(leaf, now)
	}
}

// attend does what a certificate's time has come for.
func (m *Manager) attend(ctx context.Context, c *certificate, now time.Time) {
	if !c.orderAt().After(now) {
		m.renew(ctx, c)
	}
	if now = wallClock(); c.leaf != nil && !c.askAt.After(now) && ctx.Err() == nil {
		m.askWhen(ctx, c, now)
	}
}
