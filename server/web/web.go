// Package web is what browsers, the set-up of mail programs and servers that send mail (MTA-STS) ask for over HTTP.
//
// It owns the fronts, with who is believed about whom a request comes from, the bounds on what anybody may send, logins by
// browsers, and the pages on which owners look after their accounts. What is done to an account it asks of server/control
// and backend. Of mail it shows the sender and the subject of what was deleted, to bring it back. Passwords are in no
// address, no log and no error. A Server and its Fronts are safe for concurrent use.
package web

import (
	"crypto/tls"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"satchel/backend"
	"satchel/server/accept"
	"satchel/server/control"
	"satchel/server/presence"
)

// Config says what a Server serves. Zero values are replaced by the defaults named.
type Config struct {
	Hostname string  // of this server
	Domain   string  // of accounts whose name has none
	IMAP     Service // what mail programs are told
	SMTP     Service
	MTASTS   MTASTS // what servers that send mail are told; none

	URL        string       // of the front that is served over TLS, such as https://mail.example.org; "" for none
	TLS        *tls.Config  // of that front
	Challenges http.Handler // answers ACME's HTTP-01 challenges; nil: nobody does

	LoginDelay time.Duration // before a failed login is answered; 2 seconds

	Limits accept.Limits // of each front; 500 connections, 50 from one network

	Log *slog.Logger // slog.Default()
}

// challengePath is where a certificate authority asks (RFC 8555, 8.3).
const challengePath = "/.well-known/acme-challenge/"

// Server has the pages; its fronts show them.
type Server struct {
	cfg      Config
	log      *slog.Logger
	admin    *control.Local // does the work
	fronts   control.Fronts
	sessions *sessions
	pages    map[string]*template.Template
	mux      *http.ServeMux
	foreign  *http.CrossOriginProtection
}

// New makes a server over a backend; its fronts are started one by one. fronts are where clients are connected, those of
// this server among them.
func New(be *backend.Backend, fronts control.Fronts, cfg Config) *Server {
	if cfg.Limits.Total <= 0 {
		cfg.Limits.Total = 500
	}
	if cfg.Limits.Network <= 0 {
		cfg.Limits.Network = 50
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.LoginDelay <= 0 {
		cfg.LoginDelay = 2 * time.Second
	}
	s := &Server{
		cfg: cfg, log: cfg.Log, admin: control.NewLocal(be, fronts), fronts: fronts, sessions: newSessions(time.Now),
		mux: http.NewServeMux(), foreign: http.NewCrossOriginProtection(),
	}
	if cfg.URL != "" { // a web server before us may change the Host
		if err := s.foreign.AddTrustedOrigin(cfg.URL); err != nil {
			s.log.Warn("browsers may be refused", "error", err)
		}
	}
	s.pages = s.parsePages()
	s.route()
	return s
}

// route is the table of what is served.
func (s *Server) route() {
	for _, path := range autoconfigPaths {
		s.mux.HandleFunc("GET "+path, s.autoconfig)
	}
	s.mux.HandleFunc("POST "+autodiscoverXML, s.autodiscover)
	s.mux.HandleFunc("GET "+autodiscoverJSON, s.autodiscoverV2)
	s.mux.HandleFunc("GET "+autodiscoverJSON+"/v1.0/{address}", s.autodiscoverV2)
	s.mux.HandleFunc("GET "+policyPath, s.mtaSTS)
	s.mux.HandleFunc("GET "+profilePath, s.publicProfile)

	for path := range assets {
		s.mux.HandleFunc("GET "+path, s.asset)
	}
	s.mux.HandleFunc("GET /{$}", s.loginPage)
	s.mux.HandleFunc("POST /login", s.login)
	s.mux.HandleFunc("POST /logout", s.owner(s.logout))
	s.mux.HandleFunc("GET /account", s.owner(s.account))
	s.mux.HandleFunc("POST /sessions/end", s.owner(s.endSession))
	s.mux.HandleFunc("POST /devices", s.owner(s.addDevice))
	s.mux.HandleFunc("POST /devices/revoke", s.owner(s.revokeDevice))
	s.mux.HandleFunc("GET /device", s.owner(s.device))
	s.mux.HandleFunc("GET /device/profile", s.owner(s.deviceProfile))
	s.mux.HandleFunc("GET /deleted", s.owner(s.deleted))
	s.mux.HandleFunc("POST /deleted", s.owner(s.deleted))
	s.mux.HandleFunc("POST /deleted/back", s.owner(s.bringBack))
	s.mux.HandleFunc("GET /password", s.owner(s.passwordPage))
	s.mux.HandleFunc("POST /password", s.owner(s.changePassword))
}

// Sessions are the logins by browsers that the filter means.
func (s *Server) Sessions(which presence.Filter) []presence.Session { return s.sessions.list(which) }

// EndSessions ends them, and returns how many.
func (s *Server) EndSessions(which presence.Filter) int { return s.sessions.end(which) }

// answer finds what a request asks for. Over plain HTTP that is next to nothing: browsers are sent to where TLS is. Mail
// programs ask in the clear when there is no certificate for the name of their domain.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	r.URL.Path = autodiscoverPath(r.URL.Path)
	switch {
	case s.foreign.Check(r) != nil: // a page from elsewhere has a browser act for who has logged in here
		http.Error(w, "This came from another site.", http.StatusForbidden)
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
		to := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery} // what else a URL has would be part of the name
		http.Redirect(w, r, s.cfg.URL+to.RequestURI(), http.StatusFound)
	}
}
