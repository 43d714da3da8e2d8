package server

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"
)

// When the log warns of a certificate's end. One of a short life is renewed later:
// of 45 days with 15 left, of 6 days with 2. It is warned of when that has failed.
const (
	expiryWarn  = 21 * 24 * time.Hour // before the end, or a quarter of the certificate's life if that is less
	expiryAlarm = 7 * 24 * time.Hour  // or a twelfth: the log is louder
	expiryAgain = 24 * time.Hour      // between two warnings of the same
	expiryCheck = time.Hour
)

// CertificateStatus is what there is to know of a certificate.
type CertificateStatus struct {
	Names    []string  // DNS names and IP addresses that it is for, or will be
	Source   string    // "file", "ACME" or "self-signed"
	File     string    // where it is
	NotAfter time.Time // zero while there is none
	Expiring bool      // its end is so near that the log warns
	Trouble  string    // why reading, getting or renewing it failed last, "" when it did not
}

// Status lists the certificates in the order of the configuration; a self-signed
// one only while it is in use.
func (c *Certificates) Status() []CertificateStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []CertificateStatus
	for _, p := range c.pairs {
		s := CertificateStatus{Names: p.names(), Source: "file", File: p.Certificate}
		if p.ACME != "" {
			s.Source = "ACME"
		}
		if p.loaded != nil {
			if !c.inUse(p) {
				continue
			}
			if isSelfSigned(p.loaded.Leaf) {
				s.Source = "self-signed"
			}
			s.NotAfter = p.loaded.Leaf.NotAfter
			_, s.Expiring = urgency(p.loaded.Leaf, c.now())
		}
		if err := p.cause(); err != nil {
			s.Trouble = err.Error()
		}
		list = append(list, s)
	}
	return list
}

// cause is why there is no newer certificate, as far as it is known.
func (p *loadedPair) cause() error {
	if p.trouble == nil && !p.awaited() {
		return p.broken
	}
	return p.trouble
}

// SetTrouble takes down why getting a certificate for a file has failed, nil when it
// has not.
func (c *Certificates) SetTrouble(file string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.pair(file); p != nil {
		p.trouble = err
	}
}

// Watch looks at the files, and at how near the end of each certificate is, until
// ctx ends, also while no client comes.
func (c *Certificates) Watch(ctx context.Context) {
	tick := time.NewTicker(expiryCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.Look()
		}
	}
}

// warning is what the log has said of a certificate's end.
type warning struct {
	level slog.Level
	at    time.Time
}

// warn tells of the certificates in use that end soon: at first, once a day, and
// whenever it becomes more urgent.
func (c *Certificates) warn() {
	now := c.now()
	for _, p := range c.pairs {
		if !c.inUse(p) {
			continue
		}
		level, soon := urgency(p.loaded.Leaf, now)
		if !soon || level <= p.warned.level && now.Sub(p.warned.at).Abs() < expiryAgain {
			continue
		}
		p.warned = warning{level, now}
		p.sayEnd(c.log, level, now)
	}
}

// urgency tells how loud the log is about a certificate's end, and whether it is
// near at all.
func urgency(leaf *x509.Certificate, now time.Time) (slog.Level, bool) {
	life, left := leaf.NotAfter.Sub(leaf.NotBefore), leaf.NotAfter.Sub(now)
	if left < min(expiryAlarm, life/12) {
		return slog.LevelError, true
	}
	return slog.LevelWarn, left < min(expiryWarn, life/4)
}

// sayEnd logs that a certificate ends, or has ended, and what to do.
func (p *loadedPair) sayEnd(log *slog.Logger, level slog.Level, now time.Time) {
	leaf := p.loaded.Leaf
	msg := "certificate expires soon"
	if now.After(leaf.NotAfter) {
		msg = "certificate has expired: clients refuse it"
	}
	do := "renew it: what does that by itself elsewhere (certbot, lego, Caddy) has not, or not into this file"
	switch {
	case p.ACME != "":
		do = "see why it was not renewed: satchel tries again by itself"
	case isSelfSigned(leaf):
		do = "restart satchel, which then makes a new one"
	}
	args := []any{"names", p.names(), "file", p.Certificate, "until", leaf.NotAfter, "do", do}
	if err := p.cause(); err != nil {
		args = append(args, "error", err)
	}
	log.Log(context.Background(), level, msg, args...)
}
