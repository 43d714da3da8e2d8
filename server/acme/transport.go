package acme

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Bounds on what an authority can do to us.
const (
	requestTime = time.Minute
	answerBytes = 1 << 20
	redirects   = 5
)

// newHTTPClient trusts the system's authorities, and who is in the file, if there is one.
func newHTTPClient(file string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.IdleConnTimeout = 2, time.Minute
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca: %q: no certificate (PEM) in it", file)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport, Timeout: requestTime, CheckRedirect: onlyTLS}, nil
}

// onlyTLS is the rule for redirects. RFC 8555, 6.1: all that is said to an authority goes over HTTPS.
func onlyTLS(r *http.Request, before []*http.Request) error {
	if r.URL.Scheme != "https" || len(before) >= redirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// talk is a conversation with an authority: it bounds answers, and notes when the authority has said to come again.
type talk struct {
	base  http.RoundTripper
	retry time.Time // as its last answer had it, the zero time when that had nothing of it
}

// withTalk is a client for one conversation.
func withTalk(c *http.Client) (*http.Client, *talk) {
	t, own := &talk{base: c.Transport}, *c
	own.Transport = t
	return &own, t
}

func (t *talk) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return nil, errors.New("an ACME server is spoken to over https only")
	}
	answer, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = http.MaxBytesReader(nil, answer.Body, answerBytes)
	t.retry = time.Time{}
	if answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusServiceUnavailable {
		t.retry = retryAfter(answer.Header.Get("Retry-After"), wallClock())
	}
	return answer, nil
}

// retryAfter reads a number of seconds or a date. RFC 9110, 10.2.3.
func retryAfter(text string, now time.Time) time.Time {
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return time.Time{}
	}
	return at
}
