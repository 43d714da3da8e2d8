package server

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How certificates are watched.
const (
	certificateCheck = 5 * time.Second // a handshake looks at the files when the last look was longer ago
	ticketLife       = 24 * time.Hour  // then session tickets get a new key
)

// cipherSuites is what TLS 1.2 may use: forward secrecy and authenticated
// encryption only (RFC 9325, 4.2). Those of TLS 1.3 are not for choice.
var cipherSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// Certificates serves TLS from files and takes up their changes: a renewed
// certificate counts for handshakes a few seconds later, and no connection ends
// for it. While the files of a pair are broken its last good certificate stays.
// Safe for concurrent use.
type Certificates struct {
	log     *slog.Logger
	now     func() time.Time
	checked atomic.Int64 // when the files were last looked at, Unix nanoseconds
	current atomic.Pointer[generation]
	answer  func(name string) *tls.Certificate // set by AnswerChallenges

	mu    sync.Mutex    // held by who loads
	pairs []*loadedPair // guarded by mu
	ca    loadedCA      // guarded by mu
}

// generation is a set of certificates in use.
type generation struct {
	config *tls.Config
	ticket [32]byte
	made   time.Time
}

// LoadCertificates reads the pairs. With several a client gets the first that
// fits the name it asks for (SNI), or else the first. A certificate that
// SelfSigned made is used only while there is no other, and those of ACME may be
// missing as long as there is one. With a clientCA, the name of a PEM file,
// clients are asked for a certificate too. The error has all that is wrong, names
// the files and says what to do.
func LoadCertificates(pairs []KeyPair, clientCA string, log *slog.Logger) (*Certificates, error) {
	return loadCertificates(pairs, clientCA, log, time.Now)
}

func loadCertificates(pairs []KeyPair, clientCA string, log *slog.Logger, now func() time.Time) (*Certificates, error) {
	c := &Certificates{log: log, now: now}
	if err := c.Change(pairs, clientCA); err != nil {
		return nil, err
	}
	return c, nil
}

// Change reads the pairs and the clients' CA now, which may be other files than
// before, and uses them from the next handshake on. When it returns an error all
// stays as it was.
func (c *Certificates) Change(pairs []KeyPair, clientCA string) error {
	list, errs := make([]*loadedPair, len(pairs)), []error{}
	for i, pair := range pairs {
		list[i] = &loadedPair{KeyPair: pair}
		if list[i].read(); list[i].broken != nil && pair.ACME == "" {
			errs = append(errs, list[i].broken)
		}
	}
	ca := loadedCA{file: clientCA}
	if ca.read(); ca.broken != nil {
		errs = append(errs, ca.broken)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(chosen(list)) == 0 {
		return errors.New("no certificate is configured")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range list {
		if old := c.pair(p.Certificate); old != nil {
			p.trouble = old.trouble
		}
	}
	c.pairs, c.ca = list, ca
	c.checked.Store(c.now().UnixNano())
	c.use()
	c.warn()
	return nil
}

// pair finds a pair by the file of its certificate.
func (c *Certificates) pair(file string) *loadedPair {
	if i := slices.IndexFunc(c.pairs, func(p *loadedPair) bool { return p.Certificate == file }); i >= 0 {
		return c.pairs[i]
	}
	return nil
}

// TLSConfig is for listeners and STARTTLS. It never changes itself; each
// handshake gets the certificates of its time.
func (c *Certificates) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if answer := c.answerTo(hello); answer != nil {
				return answer, nil
			}
			c.refresh()
			return c.current.Load().config, nil
		},
	}
}

// challengeProtocol is what an authority asks for to see who has a name. RFC 8737, 6.2.
const challengeProtocol = "acme-tls/1"

// AnswerChallenges has handshakes of ACME's TLS-ALPN-01 answered with the certificates
// that find has for a name; nil is for none. It is called before the first handshake.
func (c *Certificates) AnswerChallenges(find func(name string) *tls.Certificate) { c.answer = find }

// answerTo is for the handshake of an authority, nil for all others.
func (c *Certificates) answerTo(hello *tls.ClientHelloInfo) *tls.Config {
	if c.answer == nil || !slices.Equal(hello.SupportedProtos, []string{challengeProtocol}) {
		return nil
	}
	shown := c.answer(hello.ServerName)
	if shown == nil {
		return nil
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{*shown}, NextProtos: []string{challengeProtocol}, SessionTicketsDisabled: true,
	}
}

// refresh looks at the files now and then.
func (c *Certificates) refresh() {
	now, last := c.now().UnixNano(), c.checked.Load()
	if max(now-last, last-now) >= int64(certificateCheck) && c.checked.CompareAndSwap(last, now) { // also a clock that was set back
		c.Look()
	}
}

// Look takes up at once what has changed in the files.
func (c *Certificates) Look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := false
	for _, p := range c.pairs {
		if !p.changed() {
			continue
		}
		said := p.broken != nil && !p.awaited()
		if p.read(); p.broken == nil {
			changed = true
			c.log.Info("certificate taken over", "file", p.Certificate, "names", p.names(), "until", p.loaded.Leaf.NotAfter)
		} else if !said {
			c.log.Error("certificate not taken over, the one before stays in use", "error", p.broken)
		}
	}
	if c.ca.changed() {
		said := c.ca.broken != nil
		if c.ca.read(); c.ca.broken == nil {
			changed = true
			c.log.Info("clients' CA taken over", "file", c.ca.file)
		} else if !said {
			c.log.Error("clients' CA not taken over, the one before stays in use", "error", c.ca.broken)
		}
	}
	if changed || c.now().Sub(c.current.Load().made).Abs() >= ticketLife {
		c.use()
	}
	c.warn()
}

// use makes the loaded certificates those of the next handshakes. A session from
// before is resumed only while they are the same and its ticket's key at most a day
// older: who resumes has then seen the certificate that channel binding names.
func (c *Certificates) use() {
	list := chosen(c.pairs)
	g := &generation{made: c.now(), config: &tls.Config{
		MinVersion:   tls.VersionTLS12,
		CipherSuites: cipherSuites,
		Certificates: list,
	}}
	if c.ca.pool != nil {
		// Asked for, not demanded: session.identities looks at what comes.
		g.config.ClientAuth, g.config.ClientCAs = tls.RequestClientCert, c.ca.pool
	}
	rand.Read(g.ticket[:]) // never fails
	keys := [][32]byte{g.ticket}
	if before := c.current.Load(); before != nil && slices.EqualFunc(before.config.Certificates, list, sameLeaf) {
		keys = append(keys, before.ticket)
	}
	g.config.SetSessionTicketKeys(keys)
	c.current.Store(g)
}

// inUse reports whether clients may get the certificate of a pair.
func (c *Certificates) inUse(p *loadedPair) bool {
	return p.loaded != nil && slices.ContainsFunc(c.current.Load().config.Certificates, func(used tls.Certificate) bool { return sameLeaf(used, *p.loaded) })
}

func sameLeaf(a, b tls.Certificate) bool { return a.Leaf.Equal(b.Leaf) }

// presented returns the certificate that a client was shown, as far as its name
// decides; nil where the kind of key might have (RFC 5929, 4 needs to be sure).
func presented(cfg *tls.Config, state *tls.ConnectionState) *x509.Certificate {
	if cfg == nil || state == nil {
		return nil
	}
	if cfg = currentTLS(cfg, state); cfg == nil {
		return nil
	}
	var fit []*x509.Certificate
	for _, c := range cfg.Certificates {
		if c.Leaf == nil {
			return nil
		}
		if state.ServerName == "" || c.Leaf.VerifyHostname(state.ServerName) == nil {
			fit = append(fit, c.Leaf)
		}
	}
	if len(fit) == 0 && len(cfg.Certificates) > 0 {
		fit = append(fit, cfg.Certificates[0].Leaf)
	}
	for _, leaf := range fit {
		if leaf.PublicKeyAlgorithm != fit[0].PublicKeyAlgorithm {
			return nil
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return fit[0]
}
