package web

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"satchel/backend"
	"satchel/backend/passwords"
	"satchel/server/control"
	"satchel/server/presence"
)

// open makes a server over a backend with alice@example.org, whose password is "correct horse".
func open(t testing.TB) *Server {
	t.Helper()
	be, err := backend.Open(backend.Config{Data: t.TempDir(), Login: backend.LoginConfig{Iterations: passwords.MinIterations}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { be.Close() })
	if _, err := be.AddAccount("alice@example.org", "correct horse"); err != nil {
		t.Fatal(err)
	}
	lender := httptest.NewTLSServer(nil) // of its certificate
	t.Cleanup(lender.Close)
	all := &everybody{}
	all.web = New(be, all, Config{
		LoginDelay: 1, Hostname: "example.com", URL: "https://example.com",
		IMAP: Service{"imap.example.com", 993, 143}, SMTP: Service{"smtp.example.com", 465, 587},
		TLS: &tls.Config{Certificates: leaves(t, lender.TLS)}, Log: slog.New(slog.DiscardHandler),
	})
	return all.web
}

// everybody is all who are connected: browsers, and mail programs that are only said to be.
type everybody struct {
	control.Fronts
	web      *Server
	programs []presence.Session
}

func (e *everybody) Sessions(f presence.Filter) []presence.Session {
	list := e.web.Sessions(f)
	for i := range e.programs {
		if f.Matches(&e.programs[i]) {
			list = append(list, e.programs[i])
		}
	}
	return list
}

func (e *everybody) EndSessions(f presence.Filter, _ string) int {
	before := len(e.programs)
	e.programs = slices.DeleteFunc(e.programs, func(p presence.Session) bool { return f.Matches(&p) })
	return e.web.EndSessions(f) + before - len(e.programs)
}

// connected names the mail programs.
func (e *everybody) connected() string {
	var ids []string
	for _, p := range e.programs {
		ids = append(ids, p.ID)
	}
	return strings.Join(ids, " ")
}

// leaves are the certificates, with what is in them.
func leaves(t testing.TB, cfg *tls.Config) []tls.Certificate {
	t.Helper()
	list := cfg.Certificates
	for i := range list {
		if list[i].Leaf == nil {
			t.Fatal("a certificate without its leaf")
		}
	}
	return list
}

// post sends a body to a front.
func post(f *Front, url, body string) *http.Response {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest("POST", url, strings.NewReader(body)))
	return w.Result()
}

func bodyOf(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
