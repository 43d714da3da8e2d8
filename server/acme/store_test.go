package acme

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFile(t *testing.T) {
	for _, c := range []struct{ directory, name, want string }{
		{LetsEncrypt, "mail.example.org", "acme-v02.api.letsencrypt.org_directory/mail.example.org.pem"},
		{"https://[::1]:14000/a/b?c", "*.example.org", "___1__14000_a_b_c/_.example.org.pem"},
		{"https://../../x", "a", "_.._x/a.pem"},
	} {
		if got := File("/acme", c.directory, c.name); got != "/acme/"+c.want {
			t.Errorf("%s, %s: %s", c.directory, c.name, got)
		}
	}
}

// pair makes the text of a file for a name.
func pair(t *testing.T, name string) []byte {
	t.Helper()
	key, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{NotBefore: time.Now(), NotAfter: time.Now().Add(90 * day), DNSNames: []string{name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := joinPair(key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func newManager(t *testing.T, names ...string) (*Manager, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	m, err := New(Config{
		Folder: filepath.Join(t.TempDir(), "acme"), Directory: "https://ca.example/dir", Names: names, Challenge: HTTP,
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, &log
}

// TestStore: what has been got is found again, by its owner only; what is of no use counts as nothing.
func TestStore(t *testing.T) {
	m, log := newManager(t, "a.example", "*.example.org", "c.example", "d.example")
	good, star := pair(t, "a.example"), pair(t, "*.example.org")
	for i, text := range [][]byte{good, star, good, []byte("no certificate")} {
		if err := m.write(m.list[i].file, text); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for i, want := range []bool{true, true, false, false} {
		c := m.list[i]
		if m.open(c, now); (c.leaf != nil) != want {
			t.Errorf("%s: %v, want %v", c.name, c.leaf != nil, want)
		}
		if log.Len() == 0 == !want {
			t.Errorf("%s: log %q", c.name, log)
		}
		log.Reset()
	}
	for path, want := range map[string]fs.FileMode{m.cfg.Folder: 0o700, m.folder: 0o700, m.list[0].file: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if err := m.write(m.list[0].file, star); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(m.list[0].file); err != nil || !bytes.Equal(text, star) {
		t.Errorf("written again: %v", err)
	}
}

func TestAccountKey(t *testing.T) {
	m, _ := newManager(t, "a.example")
	first, err := m.accountKey()
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.accountKey()
	if err != nil || !again.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(first.Public()) {
		t.Errorf("another key the second time: %v", err)
	}
	path := filepath.Join(m.folder, "account.key")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for _, text := range []string{"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if err := m.write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := m.accountKey(); err == nil || !strings.Contains(err.Error(), "delete it") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestUnsaved: a certificate that could not be written is not ordered again.
func TestUnsaved(t *testing.T) {
	m, _ := newManager(t, "a.example")
	c := m.list[0]
	if err := os.WriteFile(m.cfg.Folder, nil, 0o600); err != nil { // in the way of the folder
		t.Fatal(err)
	}
	c.unsaved = pair(t, "a.example")
	if _, err := m.order(t.Context(), nil, c); err == nil || c.unsaved == nil {
		t.Errorf("%v; the certificate is lost: %v", err, c.unsaved == nil)
	}
	if err := os.Remove(m.cfg.Folder); err != nil {
		t.Fatal(err)
	}
	leaf, err := m.order(t.Context(), nil, c)
	if err != nil || leaf == nil || c.unsaved != nil {
		t.Errorf("%v, %v", leaf, err)
	}
	if stored, err := readLeaf(c.file, c.name); err != nil || !stored.Equal(leaf) {
		t.Errorf("%v, %v", stored, err)
	}
}
