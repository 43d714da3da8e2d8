package server

import (
	"encoding/base64"
	"errors"

	"satchel/backend"
)

// saslLine is how long one base64 line of a client may be.
const saslLine = 8 << 10

// authenticate: "AUTHENTICATE" SP auth-type [SP (base64 / "=")]. RFC 3501,
// 6.2.2; RFC 4959 for the initial response. The mechanisms are the backend's.
func (s *session) authenticate() error {
	mechanism, initial, err := s.authenticateArguments()
	if err != nil {
		return err
	}
	if !s.mayLogIn() {
		return s.privacyRequired()
	}
	began := s.srv.backend.LoginsFrom()
	x, err := s.srv.backend.SASL(s.srv.ctx, mechanism, s.saslConn())
	if err != nil || s.hides("AUTH="+mechanism) {
		return s.no("CANNOT", "No such mechanism")
	}
	err = s.converse(x, initial)
	var own *response
	switch {
	case err == nil:
		return s.welcome(x.Account(), x.By(), mechanism, began)
	case errors.As(err, &own):
		return err
	}
	return s.loginFailed(mechanism, x.User(), err)
}

// saslConn is what the mechanisms must know of the connection.
func (s *session) saslConn() backend.SASLConn {
	return backend.SASLConn{Remote: s.remote, TLS: s.wire.TLS(), Certificate: s.certificate, Identities: s.identities()}
}

// authenticateArguments reads the line. initial is nil when there is no initial
// response.
func (s *session) authenticateArguments() (mechanism string, initial []byte, err error) {
	if err = s.wire.SP(); err != nil {
		return "", nil, err
	}
	if mechanism, err = s.wire.Word(); err != nil {
		return "", nil, err
	}
	if s.wire.Peek() == ' ' {
		text, err := s.argument()
		if err != nil {
			return "", nil, err
		}
		if initial, err = s.decodeResponse([]byte(text)); err != nil {
			return "", nil, err
		}
	}
	return mechanism, initial, s.wire.EOL()
}

// converse asks and listens until the mechanism is satisfied.
func (s *session) converse(x *backend.Exchange, response []byte) error {
	for {
		challenge, done, err := x.Next(response)
		if err != nil || done {
			return err
		}
		s.wire.Continue(base64.StdEncoding.EncodeToString(challenge))
		line, err := s.wire.Line(saslLine)
		if err != nil {
			return err
		}
		if string(line) == "*" {
			// RFC 3501, 6.2.2: the client gives up, and the answer is BAD.
			return s.bad("Login cancelled")
		}
		if response, err = s.decodeResponse(line); err != nil {
			return err
		}
	}
}

// decodeResponse decodes base64. "=" is an empty response.
func (s *session) decodeResponse(text []byte) ([]byte, error) {
	if string(text) == "=" {
		return []byte{}, nil
	}
	response := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(response, text)
	if err != nil {
		return nil, s.bad("Not valid base64")
	}
	return response[:n], nil
}
