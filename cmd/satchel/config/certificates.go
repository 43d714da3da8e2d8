package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"satchel/server"
	"satchel/server/acme"
)

// keyPairKeys are the keys of one [[tls.certificate]].
var keyPairKeys = []string{"cert", "key"}

// setKeyPairs stores the certificates for other names, which a file has as [[tls.certificate]] tables.
func setKeyPairs(field *[]server.KeyPair, v any) error {
	return setTables(field, v, keyPairKeys, func(table map[string]any) (pair server.KeyPair, err error) {
		if err = setTableText(&pair.Certificate, table, "cert"); err == nil {
			err = setTableText(&pair.Key, table, "key")
		}
		if err == nil && (pair.Certificate == "" || pair.Key == "") {
			err = errors.New(`"cert" and "key" are needed, the names of two files`)
		}
		return pair, err
	})
}

// keyPairsTOML writes the certificates the way setKeyPairs reads them.
func keyPairsTOML(pairs []server.KeyPair) string {
	list := make([]string, len(pairs))
	for i, p := range pairs {
		list[i] = fmt.Sprintf("{ cert = %s, key = %s }", Quote(p.Certificate), Quote(p.Key))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// NamedPairs are the certificates that the configuration names.
func (c *Config) NamedPairs() (pairs []server.KeyPair) {
	if c.cert != "" {
		pairs = append(pairs, server.KeyPair{Certificate: c.cert, Key: c.key})
	}
	return append(pairs, c.certificates...)
}

// KeyPairs are all certificates, first the one for who asks for no name: those that are named, those that are got by
// ACME, and where none is named one that satchel makes for this host.
func (c *Config) KeyPairs() []server.KeyPair {
	pairs := slices.Concat(c.NamedPairs(), c.acmePairs())
	if len(c.NamedPairs()) == 0 {
		pairs = append(pairs, server.SelfSignedPair(c.ownFolder()))
	}
	return pairs
}

// ownFolder is where the certificate is that satchel makes.
func (c *Config) ownFolder() string { return filepath.Join(c.Data, "tls") }

// MadePairs are all certificates too; the one that satchel makes is made where it is missing.
func (c *Config) MadePairs() ([]server.KeyPair, error) {
	if len(c.NamedPairs()) == 0 {
		if _, err := server.SelfSigned(c.ownFolder(), c.Hostname); err != nil {
			return nil, err
		}
	}
	return c.KeyPairs(), nil
}

// ACMEFolder is where certificates are that are got by ACME.
func (c *Config) ACMEFolder() string { return filepath.Join(c.Data, "acme") }

// acmePairs are the certificates that are got by ACME.
func (c *Config) acmePairs() (pairs []server.KeyPair) {
	if c.ACME.Email == "" {
		return nil
	}
	for _, name := range c.ACME.Names {
		file := acme.File(c.ACMEFolder(), c.ACME.Directory, name)
		pairs = append(pairs, server.KeyPair{Certificate: file, Key: file, ACME: name})
	}
	return pairs
}
