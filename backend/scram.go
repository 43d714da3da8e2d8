package backend

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/xdg-go/scram"

	"satchel/storage"
)

// scramServer is the server's side of one SCRAM exchange (RFC 5802, RFC 7677).
//
// All credentials of an account have one salt and one iteration count, so what
// the server says first holds for the password and for every app password. Each
// credential gets a conversation of its own, all with the same nonce, and the
// client's proof fits one of them or none.
type scramServer struct {
	*login
	plus    bool // SCRAM-SHA-256-PLUS
	binding scram.ChannelBinding
	nonce   string
	creds   []storage.Credential
	talks   []*scram.ServerConversation // one for each of creds
	step    func(string) ([]byte, bool, error)
}

func newSCRAMServer(l *login, plus bool) *scramServer {
	random := make([]byte, 18)
	rand.Read(random) // never fails
	s := &scramServer{login: l, plus: plus, nonce: base64.StdEncoding.EncodeToString(random)}
	s.step = s.first
	return s
}

// Next takes client-first, client-final, and the empty answer to server-final.
func (s *scramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil { // RFC 4422, 5: the client speaks first, so it is asked to
		return []byte{}, false, nil
	}
	step := s.step
	s.step = s.over
	return step(string(response))
}

// first answers "n,,n=user,r=nonce" with the nonce, the salt and the iterations.
func (s *scramServer) first(message string) ([]byte, bool, error) {
	if err := s.bind(message); err != nil {
		return nil, false, err
	}
	head := s.converse(s.identify)
	challenge, err := head.Step(message)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrSASL, err)
	}
	s.identity = head.AuthzID()
	s.talks = append(s.talks, head)
	for _, c := range s.creds[1:] {
		talk := s.converse(func(string) (scram.StoredCredentials, error) { return s.stored(c), nil })
		if _, err := talk.Step(message); err != nil {
			return nil, false, fmt.Errorf("%w: %w", ErrSASL, err)
		}
		s.talks = append(s.talks, talk)
	}
	s.step = s.final
	return []byte(challenge), false, nil
}

// final checks the client's proof and answers with the server's own.
func (s *scramServer) final(message string) ([]byte, bool, error) {
	var failed error
	for i, talk := range s.talks {
		challenge, err := talk.Step(message)
		if err != nil {
			failed = err
			continue
		}
		if err := s.admit(s.creds[i]); err != nil {
			return nil, false, err
		}
		s.step = s.confirm
		return []byte(challenge), false, nil
	}
	s.try.Failed("")
	return nil, false, fmt.Errorf("%w: %w", ErrAuth, failed)
}

// confirm takes the client's word that the server has proved itself.
func (s *scramServer) confirm(message string) ([]byte, bool, error) {
	if message != "" {
		return nil, false, ErrSASL
	}
	return nil, true, nil
}

func (s *scramServer) over(string) ([]byte, bool, error) { return nil, false, ErrSASL }

// identify finds the user's credentials and waits for the attempt's turn. Who
// does not exist gets the keys of no password.
func (s *scramServer) identify(user string) (scram.StoredCredentials, error) {
	creds, err := s.begin(user)
	if err != nil {
		return scram.StoredCredentials{}, err
	}
	if len(creds) == 0 {
		random := make([]byte, 32)
		rand.Read(random) // never fails
		creds = []storage.Credential{{StoredKey: random, ServerKey: random}}
	}
	s.creds = creds
	return s.stored(creds[0]), nil
}

func (s *scramServer) stored(c storage.Credential) scram.StoredCredentials {
	return scram.StoredCredentials{
		KeyFactors: scram.KeyFactors{Salt: string(s.account.Salt), Iters: s.account.Iterations},
		StoredKey:  c.StoredKey,
		ServerKey:  c.ServerKey,
	}
}

// converse starts a conversation with the exchange's nonce and binding.
func (s *scramServer) converse(find scram.CredentialLookup) *scram.ServerConversation {
	server, _ := scram.SHA256.NewServer(find) // never fails
	server.WithNonceGenerator(func() string { return s.nonce })
	if s.plus {
		return server.NewConversationWithChannelBindingRequired(s.binding)
	}
	return server.NewConversation()
}

// bind checks the flag that the client's first message begins with against the
// mechanism, and finds the channel binding it asks for.
func (s *scramServer) bind(message string) (err error) {
	flag, _, _ := strings.Cut(message, ",")
	kind, bound := strings.CutPrefix(flag, "p=")
	switch {
	case bound != s.plus:
		return fmt.Errorf("%w: channel binding does not fit the mechanism", ErrSASL)
	case flag == "y" && s.conn.TLS != nil:
		// RFC 5802, 6: somebody has hidden the -PLUS that was offered.
		return fmt.Errorf("%w: the client was not shown the mechanism with channel binding", ErrAuth)
	case s.plus:
		if s.binding, err = s.conn.binding(kind); err != nil {
			return fmt.Errorf("%w: channel binding %q: %w", ErrSASL, kind, err)
		}
	}
	return nil
}

// binding is the connection's channel binding of one kind.
func (c SASLConn) binding(kind string) (scram.ChannelBinding, error) {
	if c.TLS == nil {
		return scram.ChannelBinding{}, errors.New("no TLS")
	}
	switch scram.ChannelBindingType(kind) {
	case scram.ChannelBindingTLSExporter: // RFC 9266
		return scram.NewTLSExporterBinding(c.TLS)
	case scram.ChannelBindingTLSUnique: // RFC 5929, 3; TLS 1.2 only
		if len(c.TLS.TLSUnique) > 0 {
			return scram.NewTLSUniqueBinding(c.TLS.TLSUnique), nil
		}
	case scram.ChannelBindingTLSServerEndpoint: // RFC 5929, 4
		if c.Certificate != nil {
			// The library reads the certificate where a client has it.
			return scram.NewTLSServerEndpointBinding(&tls.ConnectionState{PeerCertificates: []*x509.Certificate{c.Certificate}})
		}
	}
	return scram.ChannelBinding{}, errors.New("not available on this connection")
}
