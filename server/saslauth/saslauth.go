// Package saslauth tells an MTA who may log in: it is the server's side of Dovecot's authentication protocol, version
// 1, which Postfix (smtpd_sasl_type = dovecot) and Exim (driver = dovecot) speak.
//
// It owns the lines of the protocol, what one connection may hold, and the log line of each login. Whether a password
// is right, and how long a guess has to wait, is the backend's; no mail is opened. Responses, which have passwords in
// them, are in no log and in no error.
//
// The MTA is believed what it says of its client: the socket is for programs of this host. A Server is safe for
// concurrent use.
package saslauth

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"satchel/backend"
	"satchel/server/accept"
)

// Config says how a Server serves. Zero values are replaced by the defaults named.
type Config struct {
	accept.Config
	LoginDelay time.Duration // before a failed login is answered; 2 seconds
}

func (c *Config) setDefaults() {
	c.SetDefaults()
	if c.LoginDelay <= 0 {
		c.LoginDelay = 2 * time.Second
	}
}

// Server answers over one backend.
type Server struct {
	*accept.Server

	cfg        Config
	backend    *backend.Backend
	mechanisms []mechanism
	conns      atomic.Uint64 // so far, to number them
}

// New makes a server; Serve starts it, Shutdown ends it.
func New(be *backend.Backend, cfg Config) *Server {
	cfg.setDefaults()
	s := &Server{cfg: cfg, backend: be, mechanisms: mechanisms(be)}
	s.Server = accept.New("auth", cfg.MaxConnections, cfg.Log, s.talk)
	return s
}

// talk serves one connection.
func (s *Server) talk(ctx context.Context, conn net.Conn) {
	c := newSession(ctx, s, conn)
	defer c.close()
	if err := c.run(); err != nil {
		s.cfg.Log.Warn("auth connection ended", "reason", err)
	}
}

// mechanism is how a SASL mechanism is announced. The flags are Dovecot's: an MTA leaves out what its administrator has
// excluded by them.
type mechanism struct {
	name  string
	plain bool // the secret itself is sent
}

func (m mechanism) flag() string {
	if m.plain {
		return "plaintext"
	}
	return "mutual-auth"
}

// mechanisms lists what can be done for a client whose TLS somebody else has ended: no channel is bound, and no
// certificate known.
func mechanisms(be *backend.Backend) (list []mechanism) {
	for _, name := range be.Mechanisms(backend.SASLConn{}) {
		list = append(list, mechanism{name, name != "SCRAM-SHA-256"})
	}
	return list
}
