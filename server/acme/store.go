package acme

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// File is where the certificate for a name is, its chain and its key in one file (PEM), which is replaced as a whole.
func File(folder, directory, name string) string {
	return filepath.Join(folderOf(folder, directory), strings.Replace(name, "*", "_", 1)+".pem")
}

// folderOf keeps what authorities have given apart: what one signs for tests must not pass for what another signs.
func folderOf(folder, directory string) string {
	_, place, _ := strings.Cut(directory, "://")
	plain := func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}
	return filepath.Join(folder, strings.TrimLeft(strings.Map(plain, place), "."))
}

// write puts a file into the authority's folder that is whole or not there.
func (m *Manager) write(path string, text []byte) error {
	if err := os.MkdirAll(m.folder, 0o700); err != nil {
		return err
	}
	return renameio.WriteFile(path, text, 0o600, renameio.WithStaticPermissions(0o600), renameio.WithTempDir(m.folder))
}

// readLeaf reads the certificate for a name; nil where there is no file. The error says why it is of no use.
func readLeaf(file, name string) (*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return checkPair(text, name)
}

// checkPair makes sure that a text has a certificate for a name and its key.
func checkPair(text []byte, name string) (*x509.Certificate, error) {
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, err
	}
	if err := pair.Leaf.VerifyHostname(strings.Replace(name, "*", "any", 1)); err != nil {
		return nil, err
	}
	return pair.Leaf, nil
}

// joinPair is the text of a file with a certificate and its key.
func joinPair(key crypto.Signer, chain []byte) ([]byte, error) {
	text, err := keyText(key)
	return append(text, bytes.TrimLeft(chain, "\n")...), err
}

func keyText(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

func newKey() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// accountKey is the key of the account, made when there is none: it is the account.
func (m *Manager) accountKey() (crypto.Signer, error) {
	path := filepath.Join(m.folder, "account.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err := newKey()
		if err == nil {
			text, err = keyText(key)
		}
		if err == nil {
			err = m.write(path, text)
		}
		return key, err
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s: no key (PEM) in it; delete it to have a new account made", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s: no key that signs; delete it to have a new account made", path)
	}
	return signer, nil
}
