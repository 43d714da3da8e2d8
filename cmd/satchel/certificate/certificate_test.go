package certificate

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shown is the certificate that a client sees.
func shown(t *testing.T, k *Keeper) *x509.Certificate {
	t.Helper()
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		c := tls.Server(server, k.Config())
		c.Handshake()
		c.Close()
	}()
	c := tls.Client(client, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	return c.ConnectionState().PeerCertificates[0]
}

func TestSelfSigned(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	cert, key, err := SelfSigned(dir, "mail.example.org")
	if err != nil {
		t.Fatal(err)
	}
	k, err := Load(cert, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c := shown(t, k)
	for _, name := range []string{"mail.example.org", "localhost", "127.0.0.1", "::1"} {
		if err := c.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if days := time.Until(c.NotAfter).Hours() / 24; days > 825 || days < 800 {
		t.Errorf("good for %v days", days)
	}
	info, err := os.Stat(key)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key: %v %v", info.Mode(), err)
	}

	// It is kept as long as it names the host.
	for _, tt := range []struct {
		host string
		same bool
	}{{"mail.example.org", true}, {"other.example.org", false}} {
		if _, _, err := SelfSigned(dir, tt.host); err != nil {
			t.Fatal(err)
		}
		k, err := Load(cert, key, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(t, k).SerialNumber.Cmp(c.SerialNumber) == 0; got != tt.same {
			t.Errorf("%s: kept %v, want %v", tt.host, got, tt.same)
		}
	}
}

// TestReload: changed files are taken up, files that make no sense are not.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	cert, key, err := SelfSigned(dir, "one.example.org")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	k, err := Load(cert, key, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	look := func() string {
		k.mu.Lock()
		k.checked = time.Time{} // as if a second had passed
		k.mu.Unlock()
		return shown(t, k).Subject.CommonName
	}
	if got := look(); got != "one.example.org" {
		t.Errorf("got %s", got)
	}
	if _, _, err := SelfSigned(dir, "two.example.org"); err != nil {
		t.Fatal(err)
	}
	future := time.Now().Add(time.Hour)
	os.Chtimes(cert, future, future)
	if got := look(); got != "two.example.org" {
		t.Errorf("after a change: %s", got)
	}
	if err := os.WriteFile(cert, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := look(); got != "two.example.org" {
			t.Errorf("after a bad change: %s", got)
		}
	}
	if n := strings.Count(log.String(), "cannot be used"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, log.String())
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	cert, key, err := SelfSigned(dir, "one.example.org")
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.MkdirTemp(dir, "other")
	if err != nil {
		t.Fatal(err)
	}
	_, otherKey, err := SelfSigned(other, "one.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{cert, otherKey}, {"missing", key}, {cert, "missing"}, {key, cert}} {
		_, err := Load(pair[0], pair[1], slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), filepath.Base(pair[0])) && !strings.Contains(err.Error(), pair[1]) {
			t.Errorf("%v: %v", pair, err)
		}
	}
}

// TestWarn: a certificate that ends soon is named in the log.
func TestWarn(t *testing.T) {
	dir := t.TempDir()
	certPEM, keyPEM, err := create("old.example.org", time.Now().Add(24*time.Hour-lifetime))
	if err != nil {
		t.Fatal(err)
	}
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	os.WriteFile(cert, certPEM, 0o600)
	os.WriteFile(key, keyPEM, 0o600)
	var log bytes.Buffer
	if _, err := Load(cert, key, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "certificate ends soon") {
		t.Errorf("log: %s", log.String())
	}
	if _, _, err := SelfSigned(dir, "old.example.org"); err != nil {
		t.Fatal(err)
	}
	if fresh, err := os.ReadFile(cert); err != nil || bytes.Equal(fresh, certPEM) {
		t.Error("the one that ends soon was not replaced")
	}
}
