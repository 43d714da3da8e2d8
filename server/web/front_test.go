package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// ask sends one request to a front, with headers as "Name: value".
func ask(f *Front, method, url string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, url, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w.Result()
}

// TestPlain: in the clear there are the answers to challenges, and the way to TLS; never to a name that the request has brought.
func TestPlain(t *testing.T) {
	s := New(nil, nil, Config{URL: "https://mail.example.org", Log: slog.New(slog.DiscardHandler),
		Challenges: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "token") })})
	for _, try := range []struct {
		f           *Front
		method, url string
		header      string
		status      int
		location    string
	}{
		{s.Front(HTTP), "GET", "http://evil.example/login?x=1", "A: b", http.StatusFound, "https://mail.example.org/login?x=1"},
		{s.Front(HTTP), "HEAD", "http://evil.example//other.example/", "A: b", http.StatusFound, "https://mail.example.org//other.example/"},
		{s.Front(HTTP), "GET", "x:.evil.example/", "A: b", http.StatusFound, "https://mail.example.org/"},
		{s.Front(HTTP), "GET", "x:@evil.example/", "A: b", http.StatusFound, "https://mail.example.org/"},
		{s.Front(HTTP), "POST", "http://mail.example.org/login", "A: b", http.StatusForbidden, ""},
		{s.Front(HTTP), "GET", "http://mail.example.org/.well-known/acme-challenge/x", "A: b", http.StatusOK, ""},
		{s.Front(Behind), "GET", "http://mail.example.org/nothing", "X-Forwarded-Proto: http", http.StatusFound, "https://mail.example.org/nothing"},
		{s.Front(Behind), "GET", "http://mail.example.org/nothing", "X-Forwarded-Proto: https", http.StatusNotFound, ""},
		{New(nil, nil, Config{}).Front(HTTP), "GET", "http://mail.example.org/", "A: b", http.StatusNotFound, ""},
	} {
		r := ask(try.f, try.method, try.url, try.header)
		if r.StatusCode != try.status || r.Header.Get("Location") != try.location {
			t.Errorf("%s %s: %s, %q", try.method, try.url, r.Status, r.Header.Get("Location"))
		}
		if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s: %q", try.url, csp)
		}
	}
}

// TestVisitor: a web server of this host is believed about its clients, in its own words only, and nobody else is; nobody
// gets out of having to wait after wrong passwords.
func TestVisitor(t *testing.T) {
	s := New(nil, nil, Config{})
	for _, try := range []struct {
		kind   Kind
		from   string
		header string
		want   string
		guess  string // for whom wrong passwords count
	}{
		{HTTPS, "192.0.2.7:4711", "X-Forwarded-For: 198.51.100.1", "192.0.2.7", "192.0.2.7"},
		{HTTPS, "[::ffff:192.0.2.7]:4711", "", "192.0.2.7", "192.0.2.7"},
		{HTTPS, "127.0.0.1:4711", "X-Forwarded-For: 198.51.100.1", "127.0.0.1", "0.0.0.0"},
		{HTTP, "[fe80::1%eth0]:4711", "", "fe80::1", "fe80::1"},
		{Behind, "127.0.0.1:4711", "X-Forwarded-For: 203.0.113.5, 198.51.100.1", "198.51.100.1", "198.51.100.1"},
		{Behind, "@", "X-Forwarded-For: 2001:db8::1", "2001:db8::1", "2001:db8::1"},
		{Behind, "@", "X-Forwarded-For: [2001:db8::1]:99", "2001:db8::1", "2001:db8::1"},
		{Behind, "127.0.0.1:4711", "X-Forwarded-For: 198.51.100.1, ::1", "::1", "0.0.0.0"},
		{Behind, "127.0.0.1:4711", "X-Forwarded-For: unknown", "invalid IP", "0.0.0.0"},
		{Behind, "127.0.0.1:4711", "", "invalid IP", "0.0.0.0"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = try.from
		if name, value, ok := strings.Cut(try.header, ": "); ok {
			r.Header.Set(name, value)
		}
		got := visitorOf(s.Front(try.kind).identify(r))
		if got.addr.String() != try.want || got.guesser().String() != try.guess {
			t.Errorf("%s, from %s with %q: %s and %s, want %s and %s", try.kind, try.from, try.header, got.addr, got.guesser(), try.want, try.guess)
		}
	}
}

// TestPanic: a mistake of ours is logged and costs one request.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	s := New(nil, nil, Config{Log: slog.New(slog.NewTextHandler(&log, nil)),
		Challenges: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oops") })})
	if r := ask(s.Front(HTTP), "GET", challengePath+"x"); r.StatusCode != http.StatusInternalServerError {
		t.Error(r.Status)
	}
	if !strings.Contains(log.String(), "panic=oops") {
		t.Errorf("the log: %s", log.String())
	}
}

// serve starts a front on loopback.
func serve(t *testing.T, f *Front) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- f.Serve(l) }()
	t.Cleanup(func() {
		f.Shutdown(context.Background())
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// TestTLS: browsers get the certificate of mail, speak HTTP/1.1, and are not asked for a certificate of their own.
func TestTLS(t *testing.T) {
	lender := httptest.NewTLSServer(nil) // of its certificate
	defer lender.Close()
	mail := &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: lender.TLS.Certificates, ClientAuth: tls.RequestClientCert}, nil
	}}
	addr := serve(t, New(nil, nil, Config{TLS: mail, Log: slog.New(slog.DiscardHandler)}).Front(HTTPS))
	asked := false
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = true
			return &tls.Certificate{}, nil
		}}}}
	r, err := client.Get("https://" + addr + "/nothing")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusNotFound || r.Proto != "HTTP/1.1" || asked {
		t.Errorf("%s %s; asked for a certificate: %v", r.Proto, r.Status, asked)
	}
	if err := r.TLS.PeerCertificates[0].VerifyHostname("example.com"); err != nil {
		t.Error(err)
	}
}
