package acme

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"time"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"

	"satchel/server/printable"
)

// orderTime bounds an order with all its waiting.
const orderTime = 20 * time.Minute

// client begins a conversation with the authority.
func (m *Manager) client() (*acmez.Client, *talk) {
	client, talk := withTalk(m.http)
	return &acmez.Client{
		Client: &acme.Client{
			Directory: m.cfg.Directory, HTTPClient: client, UserAgent: m.cfg.Agent, Logger: slog.New(quietly{m.log.Handler()}),
		},
		ChallengeSolvers: m.solvers(),
	}, talk
}

// renew gets a certificate, and says how that went.
func (m *Manager) renew(ctx context.Context, c *certificate) {
	m.log.Info("certificate ordered", "names", []string{c.name}, "authority", m.cfg.Directory, "challenge", string(m.cfg.Challenge))
	client, talk := m.client()
	leaf, err := m.order(ctx, client, c)
	if ctx.Err() != nil {
		return
	}
	now := wallClock()
	if err == nil {
		c.obtained(leaf, now)
		m.log.Info("certificate obtained", "names", []string{c.name}, "until", leaf.NotAfter, "file", c.file)
		m.cfg.Done(c.file, nil)
		return
	}
	c.failed(now, talk.retry)
	err = m.explain(c.name, err)
	level := slog.LevelError
	if c.leaf != nil && now.Before(c.leaf.NotAfter) {
		level = slog.LevelWarn
	}
	m.log.Log(ctx, level, "certificate not obtained", "names", []string{c.name}, "error", err, "again", c.waitTill)
	m.cfg.Done(c.file, err)
}

// order gets a certificate and puts it into its file. One that could not be written is not ordered again: authorities
// count how many they give.
func (m *Manager) order(ctx context.Context, client *acmez.Client, c *certificate) (*x509.Certificate, error) {
	if c.unsaved == nil {
		ctx, cancel := context.WithTimeout(ctx, orderTime)
		defer cancel()
		text, err := m.obtain(ctx, client, c)
		if err != nil {
			return nil, err
		}
		c.unsaved = text
	}
	leaf, err := checkPair(c.unsaved, c.name)
	if err != nil {
		c.unsaved = nil
		return nil, err
	}
	if err := m.write(c.file, c.unsaved); err != nil {
		return nil, err
	}
	c.unsaved = nil
	return leaf, nil
}

// obtain gets a certificate with a new key, both as the text of a file.
func (m *Manager) obtain(ctx context.Context, client *acmez.Client, c *certificate) ([]byte, error) {
	account, err := m.account(ctx, client)
	if err != nil {
		return nil, err
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	csr, err := acmez.NewCSR(key, []string{c.name})
	if err != nil {
		return nil, err
	}
	what, err := acmez.OrderParametersFromCSR(account, csr)
	if err != nil {
		return nil, err
	}
	what.Profile = m.cfg.Profile
	if c.failures == 0 { // RFC 9773, 5: the authority may refuse it, for a certificate of another account
		what.Replaces = c.leaf
	}
	chains, err := client.ObtainCertificate(ctx, what)
	if err != nil {
		return nil, err
	}
	if len(chains) == 0 {
		return nil, errors.New("the authority has sent no certificate")
	}
	return joinPair(key, chains[0].ChainPEM)
}

// account is the one that the key stands for. RFC 8555, 7.3: a server that knows it answers with what there is.
func (m *Manager) account(ctx context.Context, client *acmez.Client) (acme.Account, error) {
	key, err := m.accountKey()
	if err != nil {
		return acme.Account{}, err
	}
	account := acme.Account{Contact: []string{"mailto:" + m.cfg.Email}, TermsOfServiceAgreed: true, PrivateKey: key}
	if m.cfg.KeyID != "" {
		if err := account.SetExternalAccountBinding(ctx, client.Client, acme.EAB{KeyID: m.cfg.KeyID, MACKey: m.cfg.MACKey}); err != nil {
			return account, err
		}
	}
	return client.NewAccount(ctx, account)
}

// askWhen asks when the authority would have a certificate renewed. RFC 9773, 4.
func (m *Manager) askWhen(ctx context.Context, c *certificate, now time.Time) {
	client, _ := m.client()
	info, err := client.GetRenewalInfo(ctx, c.leaf)
	if err != nil {
		c.askAt = now.Add(askAgain)
		m.log.Debug("the authority does not say when to renew", "names", []string{c.name}, "error", err)
		return
	}
	again, w := now.Add(askAgain), window{info.SuggestedWindow.Start.UTC(), info.SuggestedWindow.End.UTC()}
	if info.RetryAfter != nil {
		again = info.RetryAfter.Round(0)
	}
	news := w != c.window
	c.suggested(w, info.SelectedTime, again, now)
	if news {
		args := []any{"names", []string{c.name}, "at", later(c.orderAt(), now)}
		if why := info.ExplanationURL; why != "" {
			args = append(args, "reason", printable.Text(why, longestText))
		}
		m.log.Info("certificate will be renewed", args...)
	}
}

// quietly logs what a library says as what nobody needs to read who is not looking for a fault.
type quietly struct{ slog.Handler }

func (q quietly) Enabled(ctx context.Context, _ slog.Level) bool {
	return q.Handler.Enabled(ctx, slog.LevelDebug)
}

func (q quietly) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return q.Handler.Handle(ctx, r)
}

func (q quietly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quietly{q.Handler.WithAttrs(attrs)}
}
func (q quietly) WithGroup(name string) slog.Handler { return quietly{q.Handler.WithGroup(name)} }
