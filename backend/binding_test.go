package backend

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/xdg-go/scram"
)

// handshake connects two ends over loopback and returns what each knows.
func handshake(t *testing.T, version uint16) (client, server tls.ConnectionState, leaf *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if leaf, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialled := make(chan *tls.Conn, 1)
	go func() {
		defer close(dialled)
		c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true, MaxVersion: version})
		if err != nil {
			t.Error(err)
			return
		}
		dialled <- c
	}()
	raw, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	end := raw.(*tls.Conn)
	if err := end.Handshake(); err != nil {
		t.Fatal(err)
	}
	c, ok := <-dialled
	if !ok {
		t.FailNow()
	}
	defer net.Conn(c).Close()
	return c.ConnectionState(), end.ConnectionState(), leaf
}

func TestSCRAMPlus(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client, server, leaf := handshake(t, version)
		elsewhere, _, _ := handshake(t, version) // somebody in the middle
		conn := SASLConn{Remote: loopback, TLS: &server, Certificate: leaf}
		bindings := map[string]func(*tls.ConnectionState) (scram.ChannelBinding, error){
			"tls-exporter":         scram.NewTLSExporterBinding,
			"tls-server-end-point": scram.NewTLSServerEndpointBinding,
		}
		if version == tls.VersionTLS12 {
			bindings["tls-unique"] = func(s *tls.ConnectionState) (scram.ChannelBinding, error) {
				return scram.NewTLSUniqueBinding(s.TLSUnique), nil
			}
		}
		for kind, bind := range bindings {
			for state, want := range map[*tls.ConnectionState]error{&client: nil, &elsewhere: ErrAuth} {
				binding, err := bind(state)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := scramLogin(t, d, conn, "alice", "secret", &binding); !errors.Is(err, want) {
					t.Errorf("%s, TLS %x: %v, want %v", kind, version, err, want)
				}
			}
		}
		if _, err := scramLogin(t, d, conn, "alice", "secret", nil); err != nil {
			t.Errorf("SCRAM-SHA-256 over TLS %x: %v", version, err)
		}
	}
}

func TestSCRAMPlusRefuses(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	_, server, _ := handshake(t, tls.VersionTLS13)
	conn := SASLConn{Remote: loopback, TLS: &server}
	for _, c := range []struct {
		mechanism, says string
		err             error
	}{
		{"SCRAM-SHA-256-PLUS", "n,,n=alice,r=a", ErrSASL},
		{"SCRAM-SHA-256-PLUS", "y,,n=alice,r=a", ErrSASL},
		{"SCRAM-SHA-256-PLUS", "p=tls-unique,,n=alice,r=a", ErrSASL},           // not in TLS 1.3
		{"SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=alice,r=a", ErrSASL}, // certificate not known
		{"SCRAM-SHA-256-PLUS", "p=made-up,,n=alice,r=a", ErrSASL},
		{"SCRAM-SHA-256", "y,,n=alice,r=a", ErrAuth}, // RFC 5802, 6: a downgrade
		{"SCRAM-SHA-256", "p=tls-exporter,,n=alice,r=a", ErrSASL},
	} {
		if _, err := play(begin(t, d, c.mechanism, conn), c.says); !errors.Is(err, c.err) {
			t.Errorf("%s %q: %v, want %v", c.mechanism, c.says, err, c.err)
		}
	}
}
