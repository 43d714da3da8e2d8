package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

// said takes the lines of the log that begin with a level and a message.
func (w *watched) said(level, msg string) int {
	defer w.log.Reset()
	return strings.Count(w.log.String(), "level="+level+" msg=\""+msg)
}

func TestUrgency(t *testing.T) {
	made := time.Now()
	for _, c := range []struct {
		life, left time.Duration
		level      slog.Level
		soon       bool
	}{
		{90 * day, 30 * day, slog.LevelWarn, false}, // when it is renewed
		{90 * day, 21 * day, slog.LevelWarn, false},
		{90 * day, 21*day - 1, slog.LevelWarn, true},
		{90 * day, 7 * day, slog.LevelWarn, true},
		{90 * day, 7*day - 1, slog.LevelError, true},
		{90 * day, -day, slog.LevelError, true},
		{45 * day, 15 * day, slog.LevelWarn, false}, // when it is renewed
		{45 * day, 11 * day, slog.LevelWarn, true},
		{45 * day, 3 * day, slog.LevelError, true},
		{6 * day, 2 * day, slog.LevelWarn, false}, // when it is renewed
		{6 * day, day, slog.LevelWarn, true},
		{6 * day, day / 3, slog.LevelError, true},
	} {
		leaf := &x509.Certificate{NotBefore: made, NotAfter: made.Add(c.life)}
		if level, soon := urgency(leaf, leaf.NotAfter.Add(-c.left)); soon != c.soon || soon && level != c.level {
			t.Errorf("%v of %v left: %v, %v; want %v, %v", c.left, c.life, level, soon, c.level, c.soon)
		}
	}
}

// TestExpiryWarnings: nothing, then a line a day, then a louder one, and nothing of
// it for the next certificate.
func TestExpiryWarnings(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	w := watch(t, makePair(t, dir, "a", now.Add(30*day-selfSignedLife), "a.example"))
	for _, step := range []struct {
		later time.Duration
		level string
		lines int
	}{
		{day, "WARN", 0}, {8*day + time.Hour, "WARN", 1}, {time.Hour, "WARN", 0}, {day, "WARN", 1},
		{13 * day, "ERROR", 1}, {time.Hour, "ERROR", 0}, {day, "ERROR", 1},
	} {
		w.later(step.later)
		w.Look()
		if n := w.said(step.level, "certificate expires soon"); n != step.lines {
			t.Errorf("%v later: %d lines, want %d", step.later, n, step.lines)
		}
	}
	w.later(6 * day)
	w.Look()
	if n := w.said("ERROR", "certificate has expired"); n != 1 {
		t.Errorf("expired: %d lines, want 1", n)
	}
	makePair(t, dir, "a", now, "a.example")
	w.later(day)
	w.Look()
	if text := w.log.String(); strings.Contains(text, "expire") || !strings.Contains(text, "taken over") {
		t.Errorf("renewed: log %q", text)
	}
}

func TestCertificateStatus(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	file := makePair(t, dir, "a", now.Add(20*day-selfSignedLife), "a.example", "b.example")
	acme := KeyPair{Certificate: filepath.Join(dir, "acme.pem"), Key: filepath.Join(dir, "acme.pem"), ACME: "c.example"}
	w := watch(t, file, acme)
	w.SetTrouble(acme.Certificate, errors.New("port 80 is closed"))
	list := w.Status()
	if len(list) != 2 {
		t.Fatalf("status %v", list)
	}
	if s := list[0]; s.Source != "self-signed" || !s.Expiring || s.Trouble != "" || s.File != file.Certificate ||
		!slices.Equal(s.Names, []string{"a.example", "b.example", "127.0.0.1", "::1"}) {
		t.Errorf("first: %+v", s)
	}
	if s := list[1]; s.Source != "ACME" || s.Expiring || !s.NotAfter.IsZero() || s.Trouble != "port 80 is closed" || !slices.Equal(s.Names, []string{"c.example"}) {
		t.Errorf("second: %+v", s)
	}
	bring(t, acme, foreign(t, "c.example"))
	w.SetTrouble(acme.Certificate, nil)
	w.Look()
	list = w.Status()
	if len(list) != 1 || list[0].Source != "ACME" || list[0].NotAfter.IsZero() || list[0].Trouble != "" {
		t.Errorf("with ACME's: %+v, want it alone", list)
	}
	if err := os.WriteFile(acme.Certificate, []byte("half writ"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Look()
	if s := w.Status()[0]; !strings.Contains(s.Trouble, "acme.pem") || s.NotAfter.IsZero() {
		t.Errorf("with a broken file: %+v, want the last good certificate and what is wrong", s)
	}
}

// foreign makes a certificate that satchel has not made, with its key, in one text.
func foreign(t *testing.T, name string) []byte {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{Subject: pkix.Name{Organization: []string{"Another CA"}}, NotBefore: now, NotAfter: now.Add(90 * day), DNSNames: []string{name}}
	leaf, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf})...)
}

func bring(t *testing.T, p KeyPair, text []byte) {
	t.Helper()
	if err := replaceFile(p.Certificate, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSelfSignedGivesWay: a certificate that satchel has made is used until there
// is another.
func TestSelfSignedGivesWay(t *testing.T) {
	dir := t.TempDir()
	own := makePair(t, dir, "own", time.Now(), "mail.example.org")
	acme := KeyPair{Certificate: filepath.Join(dir, "acme.pem"), Key: filepath.Join(dir, "acme.pem"), ACME: "mail.example.org"}
	w := watch(t, acme, own)
	cfg := w.TLSConfig()
	shown := func() string {
		c, s, err := shake(t, cfg, tlsClient("mail.example.org"))
		if err != nil {
			t.Fatal(err)
		}
		if !presented(cfg, &s).Equal(c.PeerCertificates[0]) {
			t.Error("presented is another than what was shown")
		}
		return c.PeerCertificates[0].Subject.Organization[0]
	}
	if got := shown(); got != selfSignedBy {
		t.Errorf("at first: %q", got)
	}
	bring(t, acme, foreign(t, "mail.example.org"))
	w.Look()
	if got := shown(); got != "Another CA" {
		t.Errorf("then: %q", got)
	}
}

// TestOnePairBroken: the files of one pair keep nobody from taking up another's.
func TestOnePairBroken(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	a, b := makePair(t, dir, "a", now, "a.example"), makePair(t, dir, "b", now, "b.example")
	w := watch(t, a, b)
	if err := os.Remove(a.Key); err != nil {
		t.Fatal(err)
	}
	makePair(t, dir, "b", now, "b.example", "new.example")
	w.Look()
	for ask, want := range map[string]string{"a.example": "a.example", "new.example": "b.example"} {
		if got := leafName(t, w.TLSConfig(), ask); got != want {
			t.Errorf("asked for %q: %q, want %q", ask, got, want)
		}
	}
	if s := w.Status(); s[0].Trouble == "" || s[1].Trouble != "" {
		t.Errorf("status %+v", s)
	}
}
