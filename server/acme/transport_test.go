package acme

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority is a server over TLS, with the file of who has signed its certificate.
func authority(t *testing.T, h http.HandlerFunc) (url, ca string) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, ca
}

func TestAnswersAreBounded(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	url, ca := authority(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			for buf := make([]byte, 1<<16); ; {
				if _, err := w.Write(buf); err != nil {
					return
				}
			}
		case "/away":
			http.Redirect(w, r, plain.URL, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		}
	})
	base, err := newHTTPClient(ca)
	if err != nil {
		t.Fatal(err)
	}
	client, _ := withTalk(base)
	r, err := client.Get(url + "/endless")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r.Body); err == nil || len(text) > answerBytes {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	r.Body.Close()
	for _, path := range []string{"/away", "/round"} {
		if r, err = client.Get(url + path); err != nil || r.StatusCode != http.StatusFound {
			t.Errorf("%s: %v, %v; want it not followed", path, r, err)
		}
	}
	if _, err := client.Get(plain.URL); err == nil || !strings.Contains(err.Error(), "https only") {
		t.Errorf("in the clear: %v", err)
	}
	stranger, err := newHTTPClient("")
	if err != nil {
		t.Fatal(err)
	}
	_, err = stranger.Get(url)
	m := &Manager{}
	if err == nil || !strings.Contains(m.explain("a.example", err).Error(), "acme.ca can name the file") {
		t.Errorf("an unknown authority: %v", err)
	}
}

func TestToldWhenToComeAgain(t *testing.T) {
	url, ca := authority(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(map[string]int{"/limit": 429, "/busy": 503, "/fine": 200}[r.URL.Path])
	})
	base, err := newHTTPClient(ca)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/limit", "/busy"} {
		client, talk := withTalk(base)
		r, err := client.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if d := time.Until(talk.retry); d < 59*time.Minute || d > time.Hour {
			t.Errorf("%s: in %v, want an hour", path, d)
		}
		if r, err = client.Get(url + "/fine"); err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if !talk.retry.IsZero() {
			t.Errorf("%s, but fine later: %v", path, talk.retry)
		}
	}
	for text, want := range map[string]time.Time{
		"": {}, "soon": {}, "-5": {}, "99999999999999999999": {}, "10": start.Add(10 * time.Second),
		"Thu, 01 Jan 2026 00:10:00 GMT": start.Add(10 * time.Minute),
	} {
		if got := retryAfter(text, start); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
