package backend

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"

	"github.com/emersion/go-sasl"

	"satchel/backend/throttle"
	"satchel/storage"
)

// ErrSASL says that a client's part of a SASL exchange is malformed or out of
// place, or that the mechanism is not known.
var ErrSASL = errors.New("not a valid SASL exchange")

// Names of the mechanisms (RFC 4616, RFC 5802, RFC 7677). LOGIN never became an
// RFC; Outlook and older mutts speak it.
const (
	mechPLAIN     = "PLAIN"
	mechLOGIN     = "LOGIN"
	mechSCRAM     = "SCRAM-SHA-256"
	mechSCRAMPlus = "SCRAM-SHA-256-PLUS"
	mechEXTERNAL  = "EXTERNAL"
	mechBEARER    = "OAUTHBEARER"
	mechXOAUTH2   = "XOAUTH2"
)

// SASLConn is what a mechanism must know of the connection.
type SASLConn struct {
	Remote netip.Addr
	// TLS is the connection's state, nil in the clear.
	TLS *tls.ConnectionState
	// Certificate is the one shown to the client; nil where that is not known, which
	// makes tls-server-end-point unavailable.
	Certificate *x509.Certificate
	// Identities are the e-mail addresses in the client's certificate, which the
	// caller has verified; none without one.
	Identities []string
}

// AllMechanisms lists what Backend.SASL does on some connections.
func AllMechanisms() []string {
	return []string{mechEXTERNAL, mechSCRAMPlus, mechSCRAM, mechBEARER, mechXOAUTH2, mechPLAIN, mechLOGIN}
}

// Mechanisms lists what Backend.SASL does on the connection, the strongest
// first. Whether passwords may pass in the clear (PLAIN, LOGIN) is the caller's
// to decide.
func (b *Backend) Mechanisms(c SASLConn) []string { return b.dir.mechanisms(c) }

func (d *directory) mechanisms(c SASLConn) []string {
	var list []string
	for _, m := range AllMechanisms() {
		if d.does(c, m) {
			list = append(list, m)
		}
	}
	return list
}

// does says whether there is what a mechanism needs.
func (d *directory) does(c SASLConn, mechanism string) bool {
	switch mechanism {
	case mechEXTERNAL:
		return len(c.Identities) > 0
	case mechSCRAMPlus:
		return c.TLS != nil
	case mechBEARER, mechXOAUTH2:
		return d.tokens != nil
	}
	return true
}

// login is one SASL exchange on its way to an account.
type login struct {
	ctx      context.Context // of the exchange, which has no other place for it
	d        *directory
	conn     SASLConn
	user     string                   // as the client gave it
	identity string                   // whom the user asks to be, "" himself
	account  storage.DirectoryAccount // whom user means
	by       Credential               // what let him in
	began    uint64                   // when account was looked up, a moment of revocations
	try      throttle.Attempt
}

// mechanism returns the server's side of a mechanism, nil when there is none of
// that name, in capitals, on such a connection.
func (l *login) mechanism(name string) sasl.Server {
	if !l.d.does(l.conn, name) {
		return nil
	}
	switch name {
	case mechPLAIN:
		return sasl.NewPlainServer(l.password)
	case mechLOGIN:
		return &loginServer{login: l}
	case mechSCRAM:
		return newSCRAMServer(l, false)
	case mechSCRAMPlus:
		return newSCRAMServer(l, true)
	case mechEXTERNAL:
		return sasl.NewExternalServer(l.external)
	case mechBEARER, mechXOAUTH2:
		return &bearer{login: l, gs2: name == mechBEARER}
	}
	return nil
}

// password ends the mechanisms that give one in the clear.
func (l *login) password(identity, user, password string) (err error) {
	l.user, l.identity = user, identity
	l.account, l.by, err = l.d.authenticate(l.ctx, user, password, l.conn.Remote, true)
	if err != nil {
		return err
	}
	return l.authorize()
}

// begin finds the user's credentials, none for nobody, and waits for the turn of
// the attempt.
func (l *login) begin(user string) (list []storage.Credential, err error) {
	l.user, l.began = user, l.d.revoked.moment()
	if l.account, list, err = l.d.lookUp(user); err != nil {
		return nil, fmt.Errorf("look up %q: %w", user, err)
	}
	l.try = l.d.throttle.Attempt(l.conn.Remote, throttleName(l.account))
	return list, l.try.Wait(l.ctx)
}

// admit ends the mechanisms in which the client proves to know the secret.
func (l *login) admit(with storage.Credential) error {
	if err := l.d.admit(l.account, with, l.began, l.conn.Remote); err != nil {
		return err
	}
	l.try.Succeeded()
	l.by = credentialOf(with)
	return l.authorize()
}

// authorize: RFC 4422, 3.4.1: nobody may act as anybody else, whatever identity
// he asks for.
func (l *login) authorize() error {
	if l.identity == "" {
		return nil
	}
	other, _, err := l.d.lookUp(l.identity)
	if err != nil {
		return fmt.Errorf("look up %q: %w", l.identity, err)
	}
	if other.ID != l.account.ID {
		return fmt.Errorf("log in %q as %q: %w", l.account.Name, l.identity, ErrAuth)
	}
	return nil
}

// loginServer is the server's side of LOGIN: a name, then a password.
type loginServer struct {
	*login
	named, done bool
}

func (s *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case s.done:
		return nil, false, ErrSASL
	case response == nil:
		return []byte("Username:"), false, nil
	case !s.named:
		s.named, s.user = true, string(response)
		return []byte("Password:"), false, nil
	}
	s.done = true
	return nil, true, s.password("", s.user, string(response))
}

// Exchange is one SASL exchange of one session, for one goroutine. It is a
// sasl.Server.
type Exchange struct {
	server  sasl.Server
	login   *login
	open    func(id, name string) (*Account, error) // nil: nobody's mail is opened
	ended   func(error)                             // told how it ended; nil: nobody is
	account *Account
	name    string
	by      Credential
}

// Next takes what the client said, nil when it said nothing yet, and returns
// what to tell it. After done without an error Account has who logged in. The
// errors are ErrAuth, ErrDisabled, ErrTooMany, ErrSASL, trouble with the disk and
// the context's. It may wait, up to 15 seconds, for a throttled attempt's turn.
func (x *Exchange) Next(response []byte) (challenge []byte, done bool, err error) {
	challenge, done, err = x.server.Next(response)
	switch {
	case err != nil && x.login.user == "" && !errors.Is(err, ErrSASL):
		err = fmt.Errorf("%w: %w", ErrSASL, err) // before anybody was named
	case err == nil && done:
		x.name, x.by = x.login.account.Name, x.login.by
		if x.open != nil {
			x.account, err = x.open(x.login.account.Folder, x.name)
		}
	}
	if x.ended != nil && (err != nil || done) {
		x.ended(err)
		x.ended = nil
	}
	return challenge, done && err == nil, err
}

// User is the name that the client gave, not trustworthy and in its spelling;
// "" before it gave one.
func (x *Exchange) User() string { return x.login.user }

// Account is who has logged in, nil before that. The caller releases it.
func (x *Exchange) Account() *Account { return x.account }

// Name is the name of the account that has logged in, "" before that.
func (x *Exchange) Name() string { return x.name }

// By is what let in who has logged in, zero before that.
func (x *Exchange) By() Credential { return x.by }

// exchange starts an exchange of the mechanism, in capitals. open gives the mail
// of an account; nil opens none.
func (d *directory) exchange(ctx context.Context, mechanism string, conn SASLConn, open func(id, name string) (*Account, error)) (*Exchange, error) {
	l := &login{ctx: ctx, d: d, conn: conn}
	server := l.mechanism(mechanism)
	if server == nil {
		return nil, fmt.Errorf("mechanism %q: %w", mechanism, ErrSASL)
	}
	return &Exchange{server: server, login: l, open: open}, nil
}
