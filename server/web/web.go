// Package web is what browsers and the set-up of mail programs ask for over HTTP.
//
// It owns the fronts, with who is believed about whom a request comes from, and the bounds on what anybody may send. It
// never reads mail. Passwords are in no address, no log and no error. A Server and its Fronts are safe for concurrent use.
package web

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"satchel/backend"
	"satchel/server/accept"
)

// Config says what a Server serves. Zero values are replaced by the defaults named.
type Config struct {
	Hostname string  // of this server
	IMAP     Service // what mail programs are told
	SMTP     Service

	URL        string       // of the front that is served over TLS, such as https://mail.example.org; "" for none
	TLS        *tls.Config  // of that front
	Challenges http.Handler // answers ACME's HTTP-01 challenges; nil: nobody does

	Limits accept.Limits // of each front; 500 connections, 50 from one network

	Log *slog.Logger // slog.Default()
}

// challengePath is where a certificate authority asks (RFC 8555, 8.3).
const challengePath = "/.well-known/acme-challenge/"

// Server has the pages; its fronts show them.
type Server struct {
	cfg     Config
	backend *backend.Backend
	mux     *http.ServeMux
}

// New makes a server over a backend; its fronts are started one by one.
func New(be *backend.Backend, cfg Config) *Server {
	if cfg.Limits.Total <= 0 {
		cfg.Limits.Total = 500
	}
	if cfg.Limits.Network <= 0 {
		cfg.Limits.Network = 50
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{cfg: cfg, backend: be, mux: http.NewServeMux()}
	for _, path := range autoconfigPaths {
		s.mux.HandleFunc("GET "+path, s.autoconfig)
	}
	s.mux.HandleFunc("POST "+autodiscoverXML, s.autodiscover)
	s.mux.HandleFunc("GET "+autodiscoverJSON, s.autodiscoverV2)
	s.mux.HandleFunc("GET "+autodiscoverJSON+"/v1.0/{address}", s.autodiscoverV2)
	s.mux.HandleFunc("GET "+profilePath, s.publicProfile)
	return s
}

// answer finds what a request asks for. Over plain HTTP that is next to nothing: browsers are sent to where TLS is. Mail
// programs ask in the clear when there is no certificate for the name of their domain.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	r.URL.Path = autodiscoverPath(r.URL.Path)
	switch {
	case strings.HasPrefix(r.URL.Path, challengePath) && s.cfg.Challenges != nil:
		s.cfg.Challenges.ServeHTTP(w, r)
	case visitorOf(r).secure, slices.Contains(autoconfigPaths, r.URL.Path):
		s.mux.ServeHTTP(w, r)
	default:
		s.sendToTLS(w, r)
	}
}

// sendToTLS answers a request that came in the clear. The name that it was sent to may be anybody's and have no
// certificate, so it goes to ours.
func (s *Server) sendToTLS(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.cfg.URL == "":
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		// What it carries has been on the network already: to go on would only hide that.
		http.Error(w, "This is served over https only.", http.StatusForbidden)
	default:
		http.Redirect(w, r, s.cfg.URL+r.URL.RequestURI(), http.StatusFound)
	}
}
