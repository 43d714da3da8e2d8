package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"satchel/backend"
)

// Everything a test waits for comes within this, or the test has failed.
const patience = 20 * time.Second

// The account that every test server has.
const (
	testUser     = "alice"
	testPassword = "correct horse"
)

// testServer is a whole server on loopback over a backend in a folder of its own.
type testServer struct {
	*Server
	be     *backend.Backend
	log    *logBuffer
	cfg    backend.Config
	change []func(*Config)
	served chan error
}

// startServer starts a server with the account testUser and stops it with the test.
func startServer(t testing.TB, change ...func(*Config)) *testServer {
	t.Helper()
	return startServerOver(t, backend.Config{}, change...)
}

// startServerOver is startServer with a backend of another configuration.
func startServerOver(t testing.TB, cfg backend.Config, change ...func(*Config)) *testServer {
	t.Helper()
	cfg.Data, cfg.Login.Iterations = t.TempDir(), 4096
	ts := &testServer{log: &logBuffer{}, cfg: cfg, change: change}
	ts.start(t)
	t.Cleanup(func() { ts.finish(t) })
	if _, err := ts.be.AddAccount(testUser, testPassword); err != nil {
		t.Fatal(err)
	}
	return ts
}

// start opens the backend and listens.
func (ts *testServer) start(t testing.TB) {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(ts.log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	ts.cfg.Log = logger
	ts.cfg.Annotations = map[string]string{"/shared/admin": "mailto:postmaster@example.org", "/shared/comment": "Be kind"}
	ts.cfg.Quotas.Admins = []string{"postmaster"}
	be, err := backend.Open(ts.cfg)
	if err != nil {
		t.Fatal(err)
	}
	ts.be = be
	cfg := Config{IMAP: "127.0.0.1:0", IMAPS: "127.0.0.1:0", TLS: testTLS(), LoginDelay: time.Millisecond, Log: logger}
	for _, f := range ts.change {
		f(&cfg)
	}
	if ts.Server, err = New(be, cfg); err != nil {
		t.Fatal(err)
	}
	if err := ts.Listen(); err != nil {
		t.Fatal(err)
	}
	ts.served = make(chan error, 1)
	go func(s *Server, served chan<- error) { served <- s.Serve() }(ts.Server, ts.served)
}

// finish stops the server in order. Serve must end well, and the backend close.
func (ts *testServer) finish(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ts.Shutdown(ctx)
	if err := <-ts.served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := ts.be.Close(); err != nil {
		t.Errorf("close the backend: %v", err)
	}
}

// account opens an account behind the server's back, as LMTP does.
func (ts *testServer) account(t testing.TB, name string) *backend.Account {
	t.Helper()
	a, _, err := ts.be.Authenticate(context.Background(), name, testPassword, loopback)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Release)
	return a
}

// deliver stores a message behind the server's back.
func (ts *testServer) deliver(t testing.TB, account, mailbox string, message []byte) error {
	t.Helper()
	spool := ts.be.NewSpool()
	defer spool.Close()
	spool.Write(message)
	_, _, err := ts.account(t, account).Append(mailbox, &backend.Incoming{Body: spool})
	return err
}

// dial connects to the front "imap" or "imaps".
func (ts *testServer) dial(t testing.TB, front string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", ts.Addr(front).String())
	if err != nil {
		t.Fatal(err)
	}
	if front == "imaps" {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// testTLS is a server's TLS configuration with a certificate of its own making.
var testTLS = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}}
})

// logBuffer collects a server's log.
type logBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
