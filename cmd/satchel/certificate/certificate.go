// Package certificate keeps the server's TLS certificate: it loads it from files, takes up new files when they change,
// and makes a self-signed certificate where there is none.
//
// It owns the tls.Config and never opens a socket. A Keeper is safe for concurrent use.
package certificate

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Keeper holds the certificate of a pair of files.
type Keeper struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate // guarded by mu
	stamp   [2]stamp         // of the files when they were last read; guarded by mu
	checked time.Time        // guarded by mu
}

// stamp tells one state of a file from another.
type stamp struct {
	mod  time.Time
	size int64
}

// checkEvery is how long a certificate is used before the files are looked at again.
const checkEvery = time.Second

// soon is how long before the end of a certificate its owner is warned.
const soon = 14 * 24 * time.Hour

// Load reads a certificate chain and its private key, both PEM. The error names the file.
func Load(cert, key string, log *slog.Logger) (*Keeper, error) {
	k := &Keeper{cert: cert, key: key, log: log}
	k.stamp = k.stamps()
	c, err := k.read()
	if err != nil {
		return nil, err
	}
	k.loaded, k.checked = c, time.Now()
	k.warn(c)
	return k, nil
}

// Config is a tls.Config that always has the certificate of now: TLS 1.2 and newer (RFC 8996).
func (k *Keeper) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.current(), nil },
	}
}

// current gives the certificate, read again if the files have changed. Files that cannot be used are left alone: the
// certificate that worked stays, and the log says so once.
func (k *Keeper) current() *tls.Certificate {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.checked) < checkEvery {
		return k.loaded
	}
	k.checked = time.Now()
	now := k.stamps()
	if now == k.stamp {
		return k.loaded
	}
	k.stamp = now
	c, err := k.read()
	if err != nil {
		k.log.Error("certificate changed but cannot be used; the one before stays", "reason", err)
		return k.loaded
	}
	k.loaded = c
	k.log.Info("certificate taken up", "file", k.cert, "until", c.Leaf.NotAfter)
	k.warn(c)
	return c
}

func (k *Keeper) stamps() (s [2]stamp) {
	for i, path := range []string{k.cert, k.key} {
		if info, err := os.Stat(path); err == nil {
			s[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

func (k *Keeper) read() (*tls.Certificate, error) {
	chain, err := os.ReadFile(k.cert)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	key, err := os.ReadFile(k.key)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	c, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", k.cert, k.key, err)
	}
	return &c, nil
}

// warn logs that a certificate has ended or soon will.
func (k *Keeper) warn(c *tls.Certificate) {
	if left := time.Until(c.Leaf.NotAfter); left < soon {
		k.log.Warn("certificate ends soon", "file", k.cert, "until", c.Leaf.NotAfter, "days", int(left.Hours()/24))
	}
}
