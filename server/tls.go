package server

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
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

// KeyPair names the PEM files of a certificate, its chain included, and of its
// private key.
type KeyPair struct{ Certificate, Key string }

// Certificates serves TLS from files and takes up their changes: a renewed
// certificate counts for handshakes a few seconds later. While the files are
// broken the last good ones stay. Safe for concurrent use.
type Certificates struct {
	log     *slog.Logger
	now     func() time.Time
	checked atomic.Int64 // when the files were last looked at, Unix nanoseconds
	current atomic.Pointer[generation]

	mu     sync.Mutex    // held by who loads
	pairs  []KeyPair     // guarded by mu
	ca     string        // file of the clients' CA, or ""; guarded by mu
	seen   []fs.FileInfo // the files as last looked at; guarded by mu
	broken bool          // the files could not be used, which has been said; guarded by mu
}

// generation is a set of certificates in use.
type generation struct {
	config *tls.Config
	ticket [32]byte
	made   time.Time
}

// LoadCertificates reads the pairs. With several a client gets the first that
// fits the name it asks for (SNI), or else the first. With a clientCA, the name of
// a PEM file, clients are asked for a certificate too. Errors name the file and say
// what to do.
func LoadCertificates(pairs []KeyPair, clientCA string, log *slog.Logger) (*Certificates, error) {
	return loadCertificates(pairs, clientCA, log, time.Now)
}

func loadCertificates(pairs []KeyPair, clientCA string, log *slog.Logger, now func() time.Time) (*Certificates, error) {
	if len(pairs) == 0 {
		return nil, errors.New("no certificate is configured")
	}
	c := &Certificates{pairs: pairs, ca: clientCA, log: log, now: now}
	c.seen = c.look()
	c.checked.Store(now().UnixNano())
	list, ca, err := c.load()
	if err != nil {
		return nil, err
	}
	c.use(list, ca)
	return c, nil
}

// Change reads the pairs and the clients' CA now, which may be other files than
// before, and uses them from the next handshake on. When it returns an error all
// stays as it was.
func (c *Certificates) Change(pairs []KeyPair, clientCA string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	oldPairs, oldCA := c.pairs, c.ca
	c.pairs, c.ca = pairs, clientCA
	seen := c.look()
	list, ca, err := c.load()
	if err != nil {
		c.pairs, c.ca = oldPairs, oldCA
		return err
	}
	c.seen, c.broken = seen, false
	c.use(list, ca)
	return nil
}

// TLSConfig is for listeners and STARTTLS. It never changes itself; each
// handshake gets the certificates of its time.
func (c *Certificates) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			c.refresh()
			return c.current.Load().config, nil
		},
	}
}

// refresh looks at the files now and then and loads them when they are others.
func (c *Certificates) refresh() {
	now, last := c.now(), c.checked.Load()
	if now.UnixNano()-last < int64(certificateCheck) || !c.checked.CompareAndSwap(last, now.UnixNano()) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.look()
	changed := !slices.EqualFunc(seen, c.seen, sameFile)
	if !changed && (c.broken || now.Sub(c.current.Load().made) < ticketLife) {
		return
	}
	c.seen = seen
	list, ca, err := c.load()
	if err != nil {
		if !c.broken {
			c.log.Error("certificate not taken over, the one before stays in use", "error", err)
		}
		c.broken = true
		return
	}
	c.broken = false
	c.use(list, ca)
	if changed {
		c.log.Info("certificate taken over", "file", c.pairs[0].Certificate, "until", list[0].Leaf.NotAfter)
	}
}

// look takes down what identifies the files' present contents, nil for a file
// that cannot be looked at.
func (c *Certificates) look() []fs.FileInfo {
	names := []string{c.ca}
	for _, p := range c.pairs {
		names = append(names, p.Certificate, p.Key)
	}
	seen := make([]fs.FileInfo, 0, len(names))
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			info = nil
		}
		seen = append(seen, info)
	}
	return seen
}

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// use makes the certificates those of the next handshakes. A session from before
// is resumed only while they are the same and its ticket's key at most a day
// older: who resumes has then seen the certificate that channel binding names.
func (c *Certificates) use(list []tls.Certificate, clientCA *x509.CertPool) {
	g := &generation{made: c.now(), config: &tls.Config{
		MinVersion:   tls.VersionTLS12,
		CipherSuites: cipherSuites,
		Certificates: list,
	}}
	if clientCA != nil {
		// Asked for, not demanded: session.identities looks at what comes.
		g.config.ClientAuth, g.config.ClientCAs = tls.RequestClientCert, clientCA
	}
	rand.Read(g.ticket[:]) // never fails
	keys := [][32]byte{g.ticket}
	if before := c.current.Load(); before != nil && slices.EqualFunc(before.config.Certificates, list, sameLeaf) {
		keys = append(keys, before.ticket)
	}
	g.config.SetSessionTicketKeys(keys)
	c.current.Store(g)
}

func sameLeaf(a, b tls.Certificate) bool { return a.Leaf.Equal(b.Leaf) }

// load reads all pairs and the clients' CA.
func (c *Certificates) load() ([]tls.Certificate, *x509.CertPool, error) {
	var list []tls.Certificate
	for _, p := range c.pairs {
		pair, err := p.load()
		if err != nil {
			return nil, nil, err
		}
		if c.now().After(pair.Leaf.NotAfter) {
			c.log.Warn("certificate has expired: clients will refuse it", "file", p.Certificate, "expired", pair.Leaf.NotAfter)
		}
		list = append(list, pair)
	}
	clientCA, err := loadClientCA(c.ca)
	return list, clientCA, err
}

func (p KeyPair) load() (tls.Certificate, error) {
	certificate, err := os.ReadFile(p.Certificate)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate: %w%s", err, cureRead(err))
	}
	key, err := os.ReadFile(p.Key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate's key: %w%s", err, cureRead(err))
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return pair, fmt.Errorf("certificate %q with key %q: %w; both must be PEM without a passphrase, and belong together", p.Certificate, p.Key, err)
	}
	return pair, nil
}

func cureRead(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "; let the user that satchel runs as read it"
	case errors.Is(err, fs.ErrNotExist):
		return "; correct the path, or configure none to have a self-signed one made"
	}
	return ""
}

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
