package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs the certificates of clients.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "clients' CA"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}}
	a.cert, err = x509.ParseCertificate(a.sign(t, a.cert, key))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) sign(t *testing.T, template *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// client makes a client's certificate; change may spoil it.
func (a *authority) client(t *testing.T, change func(*x509.Certificate), addresses ...string) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), EmailAddresses: addresses, Subject: pkix.Name{CommonName: "alice"},
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if change != nil {
		change(template)
	}
	return &tls.Certificate{Certificate: [][]byte{a.sign(t, template, key)}, PrivateKey: key}
}

// file writes the authority's certificate.
func (a *authority) file(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// certifying starts a server that takes certificates of a.
func certifying(t *testing.T, a *authority) *testServer {
	t.Helper()
	pair, err := SelfSigned(filepath.Join(t.TempDir(), "tls"), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	certificates, err := LoadCertificates([]KeyPair{pair}, a.file(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	srv := startServer(t, func(c *Config) { c.TLS = certificates.TLSConfig() })
	for _, name := range []string{"carol@example.org", "dave@example.org"} {
		if _, err := srv.be.AddAccount(name, testPassword); err != nil {
			t.Fatal(err)
		}
	}
	if err := srv.be.SetDisabled("dave@example.org", true); err != nil {
		t.Fatal(err)
	}
	return srv
}

func (ts *testServer) dialWith(t *testing.T, certificate *tls.Certificate) *client {
	t.Helper()
	cfg := &tls.Config{InsecureSkipVerify: true}
	if certificate != nil {
		cfg.Certificates = []tls.Certificate{*certificate}
	}
	conn, err := tls.Dial("tcp", ts.Addr("imaps").String(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return newClient(t, conn)
}

func TestExternal(t *testing.T) {
	ca := newAuthority(t)
	srv := certifying(t, ca)
	expired := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }
	forServers := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	for _, c := range []struct {
		name        string
		certificate *tls.Certificate
		identity    string
		want        string // "" where EXTERNAL must not be offered
	}{
		{"none", nil, "", ""},
		{"own", ca.client(t, nil, "carol@example.org"), "", "OK"},
		{"other case", ca.client(t, nil, "Carol@EXAMPLE.org"), "", "OK"},
		{"asks for itself", ca.client(t, nil, "carol@example.org"), "carol@example.org", "OK"},
		{"asks for another", ca.client(t, nil, "carol@example.org"), "alice", "NO [AUTHENTICATIONFAILED]"},
		{"asks for nobody", ca.client(t, nil, "carol@example.org"), "nobody", "NO [AUTHENTICATIONFAILED]"},
		{"several", ca.client(t, nil, "nobody@example.org", "alice@localhost", "carol@example.org"), "carol@example.org", "OK"},
		{"account of another domain's", ca.client(t, nil, "alice@evil.example"), "", "NO [AUTHENTICATIONFAILED]"},
		{"disabled", ca.client(t, nil, "dave@example.org"), "", "NO [CONTACTADMIN]"},
		{"NUL", ca.client(t, nil, "carol@example.org"), "carol\x00", "BAD"},
		{"no address", ca.client(t, nil), "", ""},
		{"expired", ca.client(t, expired, "carol@example.org"), "", ""},
		{"for servers", ca.client(t, forServers, "carol@example.org"), "", ""},
		{"another CA's", newAuthority(t).client(t, nil, "carol@example.org"), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := srv.dialWith(t, c.certificate)
			offered := strings.Contains(conn.do(t, "a CAPABILITY"), " AUTH=EXTERNAL")
			if offered != (c.want != "") {
				t.Errorf("offered: %v", offered)
			}
			initial := base64.StdEncoding.EncodeToString([]byte(c.identity))
			if initial == "" {
				initial = "="
			}
			want := "b " + c.want
			if c.want == "" {
				want = "b NO [CANNOT]"
			}
			if got := conn.do(t, "b AUTHENTICATE EXTERNAL "+initial); !strings.HasPrefix(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
			if c.want != "OK" {
				// A certificate that is no good does not keep its owner out.
				if got := conn.do(t, "c LOGIN carol@example.org \""+testPassword+"\""); !strings.HasPrefix(got, "c OK") {
					t.Errorf("a password after that: %s", got)
				}
			}
		})
	}
}

// TestExternalWithoutInitial: the client is asked, with nothing but the blank
// (RFC 4422, A.1), and answers with nothing; after UNAUTHENTICATE the certificate
// is still good (RFC 8437, 4.2), and on a session that is resumed too.
func TestExternalWithoutInitial(t *testing.T) {
	ca := newAuthority(t)
	srv := certifying(t, ca)
	cfg := &tls.Config{InsecureSkipVerify: true, ClientSessionCache: tls.NewLRUClientSessionCache(4),
		Certificates: []tls.Certificate{*ca.client(t, nil, "carol@example.org")}}
	for _, resumed := range []bool{false, true} {
		conn, err := tls.Dial("tcp", srv.Addr("imaps").String(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(t, conn)
		for range 2 {
			c.say(t, "a AUTHENTICATE EXTERNAL")
			if line, _ := c.in.ReadString('\n'); line != "+ \r\n" {
				t.Fatalf("asked with %q", line)
			}
			c.say(t, "")
			c.want(t, "a OK ")
			c.do(t, "b UNAUTHENTICATE")
		}
		if conn.ConnectionState().DidResume != resumed {
			t.Errorf("resumed: %v", !resumed)
		}
		conn.Close()
	}
	if _, err := LoadCertificates([]KeyPair{{}}, filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("no error for a CA that is not there")
	}
}
