package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"satchel/server/accept"
)

// Bounds on a request. A login that has to wait for its turn takes up to 15 seconds.
const (
	headerTimeout = 10 * time.Second // TLS handshake, and the header
	readTimeout   = 30 * time.Second // header and body
	writeTimeout  = time.Minute      // the whole request
	idleTimeout   = time.Minute      // a connection without a request
	maxHeader     = 16 << 10         // bytes
	maxBody       = 64 << 10         // bytes
)

// Kind is how a front is reached.
type Kind string

// The kinds of fronts.
const (
	HTTPS  Kind = "https"
	HTTP   Kind = "http" // in the clear
	Behind Kind = "web"  // in the clear, by a web server of this host that is believed about its clients
)

// Front shows a server's pages on one kind of socket.
type Front struct {
	kind   Kind
	server *Server
	http   *http.Server
	refuse *accept.Refusals
}

// Front makes a front; Serve starts it, Shutdown ends it.
func (s *Server) Front(kind Kind) *Front {
	f := &Front{kind: kind, server: s, refuse: &accept.Refusals{Front: string(kind), Log: s.log}}
	// One request at a time on a connection: then the limit of connections is one of requests too.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	f.http = &http.Server{
		Handler: f, Protocols: &protocols,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // of connections that ended: noise
	}
	return f
}

// Serve takes connections from l until Shutdown, and returns nil then; an error means that the socket died.
func (f *Front) Serve(l net.Listener) error {
	most := f.server.cfg.Limits
	if f.kind == Behind {
		most.Network = 0
	}
	l = accept.Limit(l, most, f.refuse)
	if f.kind == HTTPS {
		l = tls.NewListener(l, browserTLS(f.server.cfg.TLS))
	}
	if err := f.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s: %w", f.kind, err)
	}
	return nil
}

// Shutdown lets requests under way end until ctx does.
func (f *Front) Shutdown(ctx context.Context) {
	if f.http.Shutdown(ctx) != nil {
		f.http.Close()
	}
}

// ServeHTTP answers one request within the bounds.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer f.survive(w, r)
	for name, value := range everyAnswer {
		w.Header().Set(name, value)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	f.server.answer(w, f.identify(r))
}

// everyAnswer keeps browsers from doing with an answer what it is not for. Pages that need more than nothing say so.
var everyAnswer = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin", // with none, browsers without Sec-Fetch-Site post our own forms from Origin "null"
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

// survive keeps a mistake of ours to the request that met it.
func (f *Front) survive(w http.ResponseWriter, r *http.Request) {
	v := recover()
	switch {
	case v == nil:
	case v == http.ErrAbortHandler:
		panic(v)
	default:
		f.server.log.Error("request failed", "front", string(f.kind), "path", r.URL.Path, "panic", v, "stack", string(debug.Stack()))
		http.Error(w, "Something went wrong here.", http.StatusInternalServerError)
	}
}
