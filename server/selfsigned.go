package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// Times of a self-signed certificate.
const (
	selfSignedLife  = 820 * 24 * time.Hour // Apple's clients take 825 days at most
	selfSignedRenew = 30 * 24 * time.Hour  // before its end a start makes a new one
	nameLookup      = 2 * time.Second      // for the host's full name
)

// selfSignedBy marks the certificates that SelfSigned made and may replace.
const selfSignedBy = "satchel, self-signed"

// SelfSignedPair names the files of the certificate that SelfSigned makes in dir.
func SelfSignedPair(dir string) KeyPair {
	return KeyPair{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

// SelfSigned makes sure that dir has a certificate for this host, the one that
// SelfSignedPair names, and returns the pair. It carries host, the machine's own names,
// localhost and the loopback addresses. A new one is made when there is none, or
// when the one it made before ends within 30 days or lacks host. host "" is the
// machine's name. dir is made readable for its owner only.
func SelfSigned(dir, host string) (KeyPair, error) {
	return selfSigned(dir, host, time.Now())
}

func selfSigned(dir, host string, now time.Time) (KeyPair, error) {
	pair := SelfSignedPair(dir)
	if host != "" && !IsHostName(host) && net.ParseIP(host) == nil {
		return pair, fmt.Errorf("make certificate: %q is not the name of a host; one like mail.example.org is needed", host)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return pair, fmt.Errorf("make certificate: %w", err)
	}
	old, err := os.ReadFile(pair.Certificate)
	switch {
	case err == nil && !worn(old, host, now):
		if _, err := pair.load(); err != nil {
			return pair, fmt.Errorf("%w; delete %q to have a new certificate made", err, pair.Certificate)
		}
		return pair, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return pair, fmt.Errorf("certificate: %w%s", err, cureRead(err))
	}
	certificate, key, err := sign(hostNames(host), net.ParseIP(host), now)
	// The key first: what a crash leaves is a key without a certificate, which the
	// next start replaces.
	if err == nil {
		err = os.RemoveAll(pair.Certificate)
	}
	if err == nil {
		err = replaceFile(pair.Key, key, 0o600)
	}
	if err == nil {
		err = replaceFile(pair.Certificate, certificate, 0o644)
	}
	if err != nil {
		return pair, fmt.Errorf("make certificate: %w", err)
	}
	return pair, nil
}

// worn reports whether a certificate is one of ours that should be replaced.
func worn(certificate []byte, host string, now time.Time) bool {
	block, _ := pem.Decode(certificate)
	if block == nil {
		return false
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !isSelfSigned(leaf) {
		return false
	}
	return leaf.NotAfter.Sub(now) < selfSignedRenew || host != "" && leaf.VerifyHostname(host) != nil
}

// isSelfSigned tells a certificate that SelfSigned made.
func isSelfSigned(leaf *x509.Certificate) bool {
	return slices.Equal(leaf.Subject.Organization, []string{selfSignedBy})
}

// hostNames lists what clients may call this machine, the best name first.
func hostNames(host string) []string {
	names := []string{host}
	if machine, err := os.Hostname(); err == nil {
		names = append(names, fullName(machine), machine)
	}
	names = append(names, "localhost")
	var list []string
	for _, name := range names {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if IsHostName(name) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// fullName asks for the machine's name with its domain, "" when nobody knows.
func fullName(machine string) string {
	ctx, cancel := context.WithTimeout(context.Background(), nameLookup)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, machine)
	if err != nil {
		return ""
	}
	for _, address := range addresses {
		names, err := net.DefaultResolver.LookupAddr(ctx, address)
		if err != nil {
			continue
		}
		for _, name := range names {
			if strings.HasPrefix(strings.ToLower(name), strings.ToLower(machine)+".") {
				return name
			}
		}
	}
	return ""
}

// IsHostName reports whether a name may stand in a certificate as a DNS name.
func IsHostName(name string) bool {
	other := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.')
	}
	return name != "" && len(name) < 254 && !strings.ContainsFunc(name, other) && net.ParseIP(name) == nil
}

// sign makes a key and a certificate for the names, loopback and one more address,
// nil for none, as PEM.
func sign(names []string, address net.IP, now time.Time) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: names[0], Organization: []string{selfSignedBy}},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(selfSignedLife),
		DNSNames:              names,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if address != nil {
		template.IPAddresses = append(template.IPAddresses, address)
	}
	if len(names[0]) > 64 { // RFC 5280, A.1: ub-common-name
		template.Subject.CommonName = "satchel"
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return certificate, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}

// replaceFile writes a file that is whole or not there.
func replaceFile(path string, data []byte, mode fs.FileMode) error {
	return renameio.WriteFile(path, data, mode, renameio.WithStaticPermissions(mode), renameio.WithTempDir(filepath.Dir(path)))
}
