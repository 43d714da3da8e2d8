package server

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// makePair writes a certificate for the names, made at a time, under a base name.
func makePair(t *testing.T, dir, base string, made time.Time, names ...string) KeyPair {
	t.Helper()
	certificate, key, err := sign(names, nil, made)
	if err != nil {
		t.Fatal(err)
	}
	p := KeyPair{Certificate: filepath.Join(dir, base+".crt"), Key: filepath.Join(dir, base+".key")}
	for name, data := range map[string][]byte{p.Certificate: certificate, p.Key: key} {
		if err := replaceFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// watched is Certificates with a clock and a log to look at.
type watched struct {
	*Certificates
	clock atomic.Int64
	log   bytes.Buffer
}

func watch(t *testing.T, pairs ...KeyPair) *watched {
	t.Helper()
	w := &watched{}
	w.clock.Store(time.Now().UnixNano())
	var err error
	w.Certificates, err = loadCertificates(pairs, "", slog.New(slog.NewTextHandler(&w.log, nil)),
		func() time.Time { return time.Unix(0, w.clock.Load()) })
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *watched) later(d time.Duration) { w.clock.Add(int64(d)) }

// shake makes a connection over loopback and returns both ends' states.
func shake(t *testing.T, server, client *tls.Config) (c, s tls.ConnectionState, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	states := make(chan tls.ConnectionState, 1)
	go func() {
		defer close(states)
		raw, err := l.Accept()
		if err != nil {
			return
		}
		defer raw.Close()
		conn := tls.Server(raw, server)
		if conn.Handshake() == nil {
			conn.Write([]byte("x"))
			states <- conn.ConnectionState()
		}
	}()
	conn, err := tls.Dial("tcp", l.Addr().String(), client)
	if err != nil {
		return c, s, err
	}
	defer conn.Close()
	conn.Read(make([]byte, 1)) // a TLS 1.3 ticket comes with the first data
	return conn.ConnectionState(), <-states, nil
}

// tlsClient asks for a name and takes any certificate.
func tlsClient(name string) *tls.Config {
	return &tls.Config{ServerName: name, InsecureSkipVerify: true}
}

func leafName(t *testing.T, cfg *tls.Config, ask string) string {
	t.Helper()
	c, s, err := shake(t, cfg, tlsClient(ask))
	if err != nil {
		t.Fatal(err)
	}
	shown := c.PeerCertificates[0]
	if known := presented(cfg, &s); known == nil || !known.Equal(shown) {
		t.Errorf("asked for %q: shown %q, presented says otherwise", ask, shown.DNSNames[0])
	}
	return shown.DNSNames[0]
}

func TestCertificatesByName(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	w := watch(t, makePair(t, dir, "a", now, "a.example.org"), makePair(t, dir, "b", now, "b.example.org", "*.b.example.org"))
	for ask, want := range map[string]string{
		"a.example.org": "a.example.org", "b.example.org": "b.example.org", "x.b.example.org": "b.example.org",
		"other.example": "a.example.org", "": "a.example.org",
	} {
		if got := leafName(t, w.TLSConfig(), ask); got != want {
			t.Errorf("asked for %q: %q, want %q", ask, got, want)
		}
	}
}

func TestCertificatesChange(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	w := watch(t, makePair(t, dir, "a", now, "one.example"))
	cfg := w.TLSConfig()
	makePair(t, dir, "a", now, "two.example")
	if got := leafName(t, cfg, ""); got != "one.example" {
		t.Errorf("at once: %q, want the old one until the next look", got)
	}
	w.later(certificateCheck)
	if got := leafName(t, cfg, ""); got != "two.example" {
		t.Errorf("after the change: %q, want two.example", got)
	}
	if err := os.WriteFile(w.pairs[0].Key, []byte("half writ"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.later(certificateCheck)
		if got := leafName(t, cfg, ""); got != "two.example" {
			t.Errorf("with a broken key: %q, want the last good one", got)
		}
	}
	if n := strings.Count(w.log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors logged, want 1:\n%s", n, w.log.String())
	}
	makePair(t, dir, "a", now, "three.example")
	w.later(certificateCheck)
	if got := leafName(t, cfg, ""); got != "three.example" {
		t.Errorf("after the repair: %q, want three.example", got)
	}
}

// TestCertificatesClock: a clock that was ahead and is set back does not keep a change from being seen.
func TestCertificatesClock(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	w := watch(t, makePair(t, dir, "a", now, "one.example"))
	cfg := w.TLSConfig()
	makePair(t, dir, "a", now, "two.example")
	w.later(-24 * time.Hour)
	if got := leafName(t, cfg, ""); got != "two.example" {
		t.Errorf("a day earlier: %q, want two.example", got)
	}
}

// TestCertificatesOthers: other files take the place of those before if they can
// be used, at once.
func TestCertificatesOthers(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	w := watch(t, makePair(t, dir, "a", now, "one.example"))
	cfg := w.TLSConfig()
	if err := w.Change([]KeyPair{makePair(t, dir, "b", now, "two.example")}, ""); err != nil {
		t.Fatal(err)
	}
	if got := leafName(t, cfg, ""); got != "two.example" {
		t.Errorf("after the change: %q, want two.example", got)
	}
	for _, bad := range []struct {
		pair KeyPair
		ca   string
	}{{KeyPair{Certificate: filepath.Join(dir, "none"), Key: filepath.Join(dir, "none")}, ""}, {w.pairs[0].KeyPair, filepath.Join(dir, "none")}} {
		if err := w.Change([]KeyPair{bad.pair}, bad.ca); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	makePair(t, dir, "b", now, "three.example")
	w.later(certificateCheck)
	if got := leafName(t, cfg, ""); got != "three.example" {
		t.Errorf("after a change of the files before the bad ones: %q, want three.example", got)
	}
}

func TestCertificatesResumption(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		dir, now := t.TempDir(), time.Now()
		w := watch(t, makePair(t, dir, "a", now, "one.example"))
		client := &tls.Config{ServerName: "one.example", InsecureSkipVerify: true, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
		for i, step := range []struct {
			before func()
			want   bool
		}{
			{func() {}, false},
			{func() {}, true},
			{func() { w.later(ticketLife) }, true}, // a new key, the old one still good
			{func() { makePair(t, dir, "a", now, "one.example"); w.later(certificateCheck) }, false},
			{func() {}, true},
		} {
			step.before()
			c, _, err := shake(t, w.TLSConfig(), client)
			if err != nil {
				t.Fatal(err)
			}
			if c.DidResume != step.want {
				t.Errorf("TLS %x, step %d: resumed %v, want %v", version, i, c.DidResume, step.want)
			}
		}
	}
}

func TestCertificatesVersions(t *testing.T) {
	w := watch(t, makePair(t, t.TempDir(), "a", time.Now(), "a.example"))
	for _, c := range []struct {
		client *tls.Config
		ok     bool
	}{
		{&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		{&tls.Config{MaxVersion: tls.VersionTLS12}, true},
		{&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, false},
		{&tls.Config{MinVersion: tls.VersionTLS13}, true},
	} {
		c.client.InsecureSkipVerify = true
		if _, _, err := shake(t, w.TLSConfig(), c.client); (err == nil) != c.ok {
			t.Errorf("versions %x to %x, suites %x: %v, want ok=%v", c.client.MinVersion, c.client.MaxVersion, c.client.CipherSuites, err, c.ok)
		}
	}
}

func TestCertificatesTrouble(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	a, b := makePair(t, dir, "a", now, "a.example"), makePair(t, dir, "b", now, "b.example")
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		pair KeyPair
		says []string
	}{
		{KeyPair{Certificate: filepath.Join(dir, "none"), Key: a.Key}, []string{"none", "correct the path"}},
		{KeyPair{Certificate: a.Certificate, Key: filepath.Join(dir, "none")}, []string{"none", "correct the path"}},
		{KeyPair{Certificate: a.Certificate, Key: b.Key}, []string{"a.crt", "b.key", "belong together"}},
		{KeyPair{Certificate: empty, Key: a.Key}, []string{"empty", "PEM"}},
		{KeyPair{Certificate: dir, Key: a.Key}, []string{dir}},
	} {
		_, err := LoadCertificates([]KeyPair{c.pair}, "", slog.New(slog.DiscardHandler))
		for _, s := range c.says {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%v: %v, want it to name %q", c.pair, err, s)
			}
		}
	}
	if _, err := LoadCertificates(nil, "", nil); err == nil {
		t.Error("no pairs: no error")
	}
	w := watch(t, makePair(t, dir, "old", now.Add(-2*selfSignedLife), "a.example"))
	if !strings.Contains(w.log.String(), "has expired") {
		t.Errorf("expired: log %q", w.log.String())
	}
}

func TestCertificatesAtOnce(t *testing.T) {
	w := watch(t, makePair(t, t.TempDir(), "a", time.Now(), "a.example"))
	cfg, done := w.TLSConfig(), make(chan error)
	for range 8 {
		go func() {
			var err error
			for range 200 {
				w.later(certificateCheck / 2)
				if _, e := cfg.GetConfigForClient(nil); e != nil {
					err = e
				}
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestAnswerChallenges: an authority that asks for nothing but its protocol gets the answer under a name; nobody else
// sees it.
func TestAnswerChallenges(t *testing.T) {
	dir := t.TempDir()
	w := watch(t, makePair(t, dir, "a", time.Now(), "a.example"))
	answer, err := makePair(t, dir, "answer", time.Now(), "a.example", "answer").load()
	if err != nil {
		t.Fatal(err)
	}
	w.AnswerChallenges(func(name string) *tls.Certificate {
		if name == "a.example" {
			return &answer
		}
		return nil
	})
	for _, c := range []struct {
		name   string
		protos []string
		want   bool
	}{
		{"a.example", []string{"acme-tls/1"}, true},
		{"a.example", []string{"acme-tls/1", "imap"}, false},
		{"a.example", nil, false},
		{"b.example", []string{"acme-tls/1"}, false},
	} {
		client := tlsClient(c.name)
		client.NextProtos = c.protos
		got, _, err := shake(t, w.TLSConfig(), client)
		if err != nil {
			t.Fatal(err)
		}
		if is := got.PeerCertificates[0].Equal(answer.Leaf); is != c.want || is != (got.NegotiatedProtocol == "acme-tls/1") {
			t.Errorf("%s, %q: answered %v with %q, want %v", c.name, c.protos, is, got.NegotiatedProtocol, c.want)
		}
	}
}

func TestPresented(t *testing.T) {
	w := watch(t, makePair(t, t.TempDir(), "a", time.Now(), "a.example"))
	state := &tls.ConnectionState{ServerName: "a.example"}
	if got := presented(w.TLSConfig(), state); got == nil || got.DNSNames[0] != "a.example" {
		t.Errorf("one pair: %v", got)
	}
	leaf := w.current.Load().config.Certificates[0].Leaf
	twice := &tls.Config{Certificates: []tls.Certificate{{Leaf: leaf}, {Leaf: &x509.Certificate{DNSNames: leaf.DNSNames, PublicKeyAlgorithm: x509.RSA}}}}
	for what, cfg := range map[string]*tls.Config{"none": nil, "empty": {}, "two kinds of key": twice, "unparsed": {Certificates: make([]tls.Certificate, 1)}} {
		if got := presented(cfg, state); got != nil {
			t.Errorf("%s: %v, want nil", what, got.DNSNames)
		}
	}
	if presented(w.TLSConfig(), nil) != nil {
		t.Error("no TLS: a certificate")
	}
}

func TestSelfSigned(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	pair, err := SelfSigned(dir, "mail.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{dir: 0o700, pair.Certificate: 0o644, pair.Key: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
	w := watch(t, pair)
	leaf := w.current.Load().config.Certificates[0].Leaf
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	names := []string{"mail.example.org", "localhost", "127.0.0.1", "::1"}
	if machine, err := os.Hostname(); err == nil && IsHostName(machine) {
		names = append(names, machine)
	}
	for _, name := range names {
		if _, _, err := shake(t, w.TLSConfig(), &tls.Config{RootCAs: roots, ServerName: name}); err != nil {
			t.Errorf("as %s: %v", name, err)
		}
	}
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 825*24*time.Hour {
		t.Errorf("valid for %v, more than Apple's 825 days", life)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("files left: %v, %v", entries, err)
	}
}

func TestSelfSignedAgain(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "tls"), time.Now()
	serial := func(host string, at time.Time) string {
		t.Helper()
		pair, err := selfSigned(dir, host, at)
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := pair.load()
		if err != nil {
			t.Fatal(err)
		}
		return loaded.Leaf.SerialNumber.String()
	}
	first := serial("", now)
	if serial("", now.Add(time.Hour)) != first {
		t.Error("a later start made a new one")
	}
	named := serial("192.0.2.1", now)
	if named == first || serial("192.0.2.1", now) != named || serial("", now) != named {
		t.Error("a new host: want one new certificate")
	}
	if serial("", now.Add(selfSignedLife-selfSignedRenew+time.Hour)) == named {
		t.Error("near its end: want a new one")
	}
	if _, err := selfSigned(dir, "no such host", now); err == nil {
		t.Error("a host with blanks: no error")
	}
}

// A certificate that the administrator put there is not touched.
func TestSelfSignedForeign(t *testing.T) {
	dir := t.TempDir()
	pair := KeyPair{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	if err := os.WriteFile(pair.Certificate, []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := SelfSigned(dir, ""); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("delete %q", pair.Certificate)) {
		t.Errorf("broken certificate: %v, want what to do", err)
	}
	if data, err := os.ReadFile(pair.Certificate); string(data) != "not ours" || err != nil {
		t.Errorf("certificate is now %q, %v", data, err)
	}
	if _, err := os.Stat(pair.Key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key was made: %v", err)
	}
}
