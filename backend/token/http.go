package token

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	requestTime = 10 * time.Second // for a request and its answer
	maxAnswer   = 1 << 20
	repeatAfter = 10 * time.Second // the least time between two requests for the same document
	maxRecent   = 16
)

// newClient makes the client for the issuer: within bounds, and never sent on to somewhere else.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       requestTime,
		Transport:     &guard{base: http.DefaultTransport.(*http.Transport).Clone(), repeat: repeatAfter, recent: map[string]*document{}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// guard keeps clients from having the issuer asked for its keys over and over: each token that names a key it does not
// have would. What was read, or failed, a moment ago is given again.
type guard struct {
	base   http.RoundTripper
	repeat time.Duration

	mu     sync.Mutex
	recent map[string]*document // by URL; guarded by mu
}

// document is an answer to GET.
type document struct {
	at   time.Time
	resp *http.Response // without its body
	body []byte
	err  error
}

// RoundTrip sends a request. Failures of the network and of the server are ErrUnreachable.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return g.send(r).response(r)
	}
	key := r.URL.String()
	g.mu.Lock()
	d := g.recent[key]
	g.mu.Unlock()
	if d != nil && time.Since(d.at) < g.repeat {
		return d.response(r)
	}
	// A time that ran out is the issuer's fault, and remembered: else each token would wait for it as long.
	if d = g.send(r); r.Context().Err() == context.Canceled {
		return d.response(r)
	}
	g.mu.Lock()
	if len(g.recent) >= maxRecent {
		clear(g.recent)
	}
	g.recent[key] = d
	g.mu.Unlock()
	return d.response(r)
}

func (g *guard) send(r *http.Request) *document {
	d := &document{}
	defer func() { d.at = time.Now() }()
	resp, err := g.base.RoundTrip(r)
	if err != nil {
		d.err = fmt.Errorf("%w: %w", ErrUnreachable, err)
		return d
	}
	defer resp.Body.Close()
	d.resp = resp
	if d.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer)); err != nil {
		d.err = fmt.Errorf("%w: %w", ErrUnreachable, err)
	} else if resp.StatusCode >= 500 {
		d.err = fmt.Errorf("%w: %s", ErrUnreachable, resp.Status)
	}
	return d
}

func (d *document) response(r *http.Request) (*http.Response, error) {
	if d.err != nil {
		return nil, d.err
	}
	resp := *d.resp
	resp.Request, resp.Body = r, io.NopCloser(bytes.NewReader(d.body))
	return &resp, nil
}
