// Package metrics tells programs that watch over servers how this one is doing, over HTTP: numbers for Prometheus, and
// whether it lives and can serve.
//
// It owns the names of the metrics and the endpoints. It counts nothing itself: each answer is read from those who do. No
// label has a value that a client could choose, and none is of an account. A Server is safe for concurrent use.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"satchel/backend"
	"satchel/server"
	"satchel/server/accept"
	"satchel/server/lmtp"
)

// Config says what is told. Of the sources any but Backend and IMAP may be nil.
type Config struct {
	Version string

	Backend      *backend.Backend
	IMAP         *server.Server
	LMTP         *lmtp.Server
	Certificates *server.Certificates
	LastBackup   func() (at time.Time, failed int) // the zero time if there was none; accounts that it lacks

	Log *slog.Logger // slog.Default()
}

// Bounds on what is asked. Those who ask are few, and on this network.
const (
	maxConnections = 20
	maxScrapes     = 2 // at a time
	headerTimeout  = 10 * time.Second
	answerTimeout  = 30 * time.Second
	idleTimeout    = 2 * time.Minute // longer than the usual pause between two scrapes
	maxHeader      = 16 << 10        // bytes
)

// Server answers on /metrics, /health and /ready.
type Server struct {
	http   *http.Server
	refuse *accept.Refusals
}

// New makes a server; Serve starts it, Shutdown ends it.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(
		&collector{cfg}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	p := newProbe(cfg.Backend, cfg.IMAP)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes}))
	mux.HandleFunc("GET /health", p.answer(p.alive))
	mux.HandleFunc("GET /ready", p.answer(p.ready))
	return &Server{
		http: &http.Server{
			Handler: mux, ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout, WriteTimeout: answerTimeout,
			IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
			ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug), // of connections that ended: noise
		},
		refuse: &accept.Refusals{Front: "metrics", Log: cfg.Log},
	}
}

// Serve takes connections from l until Shutdown, and returns nil then; an error means that the socket died.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(accept.Limit(l, accept.Limits{Total: maxConnections}, s.refuse)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// Shutdown lets answers under way end until ctx does.
func (s *Server) Shutdown(ctx context.Context) {
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
}
