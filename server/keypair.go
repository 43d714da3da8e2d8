package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// KeyPair names the PEM files of a certificate, its chain included, and of its
// private key, which may be one file.
type KeyPair struct {
	Certificate, Key string
	ACME             string // the name for which it is got by ACME; the files may be missing until it is. "" for all others
}

// loadedPair is a pair with what was last read of it.
type loadedPair struct {
	KeyPair
	seen    [2]fs.FileInfo   // the files as last looked at
	loaded  *tls.Certificate // the last that was good, nil for none yet
	broken  error            // why the files could not be used when they were last looked at
	trouble error            // why getting a new certificate failed, as told by SetTrouble
	warned  warning          // of its end
}

// changed reports whether the files are others than those last read.
func (p *loadedPair) changed() bool {
	return !sameFile(statOf(p.Certificate), p.seen[0]) || !sameFile(statOf(p.Key), p.seen[1])
}

// read loads the files. While they are not good the certificate from before stays.
func (p *loadedPair) read() {
	p.seen = [2]fs.FileInfo{statOf(p.Certificate), statOf(p.Key)}
	pair, err := p.load()
	if p.broken = err; err == nil {
		p.loaded, p.warned = &pair, warning{}
	}
}

// awaited reports whether ACME has not brought the first certificate yet.
func (p *loadedPair) awaited() bool { return p.ACME != "" && p.seen[0] == nil }

// names lists what the certificate is for, or will be.
func (p *loadedPair) names() []string {
	if p.loaded == nil {
		return []string{p.ACME}
	}
	return namesOf(p.loaded.Leaf)
}

// namesOf lists what a certificate is for.
func namesOf(leaf *x509.Certificate) []string {
	names := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// chosen lists the certificates that clients get: those that SelfSigned made only
// where there are no others.
func chosen(pairs []*loadedPair) []tls.Certificate {
	var own, others []tls.Certificate
	for _, p := range pairs {
		switch {
		case p.loaded == nil:
		case isSelfSigned(p.loaded.Leaf):
			own = append(own, *p.loaded)
		default:
			others = append(others, *p.loaded)
		}
	}
	if len(others) > 0 {
		return others
	}
	return own
}

// statOf takes down what identifies a file's present contents, nil for one that
// cannot be looked at.
func statOf(name string) fs.FileInfo {
	info, err := os.Stat(name)
	if err != nil {
		return nil
	}
	return info
}

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
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
