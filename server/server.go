// Package server speaks IMAP to clients. It owns the listeners, TLS and limits,
// the go-imap server with its one extension, the table of commands and the frame
// around each, the one map of errors to answers and the one writer of unsolicited
// data. It never holds SQL, and never writes to another session's socket: the
// backend wakes a session, and the session pulls.
//
// A Server's methods are safe for concurrent use. Everything else belongs to one
// connection and its goroutine.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	imapserver "github.com/emersion/go-imap/server"

	"satchel/backend"
	"satchel/server/accept"
	"satchel/server/proxy"
	"satchel/server/trace"
)

// Config says where and how a Server serves. The zero value of each limit is
// replaced by the default named with it.
type Config struct {
	IMAP  string      // HOST:PORT for plain IMAP with STARTTLS, "" for none
	IMAPS string      // HOST:PORT for IMAP over TLS, "" for none
	TLS   *tls.Config // required for IMAPS and STARTTLS

	Sockets map[string][]net.Listener // open already, for "imap" or "imaps"; served in place of its address

	Proxies []netip.Prefix // load balancers, whose connections begin with a PROXY header

	MaxConnections int           // in total; 10,000
	MaxPerAddress  int           // from one address, loopback exempt; 100
	LoginTimeout   time.Duration // a client that has not logged in may be silent for; 1 minute
	LoginExpiry    time.Duration // a client must have logged in within; 5 minutes
	IdleTimeout    time.Duration // a client that has logged in may be silent for; 30 minutes at least
	WriteTimeout   time.Duration // a client that stops reading is cut after; 1 minute
	Heartbeat      time.Duration // a client in IDLE hears from the server every; 2 minutes
	Progress       time.Duration // a client whose command takes long hears of it every; 10 seconds
	MessageLimit   int           // messages that one command works on (RFC 9738); 1,000,000
	SaveLimit      int           // messages that one command saves; if it is set, other commands have no limit
	LoginDelay     time.Duration // before a failed login is answered; 2 seconds
	EndGrace       time.Duration // for the command of a session that EndSessions ends; 10 seconds

	Hide []HideRule // capabilities kept from some clients; nil: DefaultHide()

	Log *slog.Logger // slog.Default()
}

// minIdle is the shortest autologout that RFC 3501, 5.4 allows.
const minIdle = 30 * time.Minute

func (c Config) withDefaults() Config {
	setDefault(&c.MaxConnections, 10_000)
	setDefault(&c.MaxPerAddress, 100)
	setDefault(&c.LoginTimeout, time.Minute)
	setDefault(&c.LoginExpiry, 5*time.Minute)
	setDefault(&c.WriteTimeout, time.Minute)
	setDefault(&c.LoginDelay, 2*time.Second)
	setDefault(&c.EndGrace, 10*time.Second)
	setDefault(&c.Heartbeat, 2*time.Minute)
	setDefault(&c.Progress, 10*time.Second)
	setDefault(&c.MessageLimit, 1_000_000)
	c.IdleTimeout = max(c.IdleTimeout, minIdle)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// Server is an IMAP server over one backend.
type Server struct {
	cfg          Config
	log          *slog.Logger
	backend      *backend.Backend
	imap         *imapserver.Server
	commands     map[string]*command
	hide         atomic.Pointer[[]hiding]
	capabilities []capabilityRow
	sessions     registry
	fronts       []*front
	unknown      atomic.Uint64 // commands without a row
	traces       *trace.Hub
	ctx          context.Context // ends when Shutdown begins
	cancel       context.CancelFunc
}

// New makes a server; Listen and Serve start it.
func New(be *backend.Backend, cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, log: cfg.Log, backend: be, imap: imapserver.New(be), commands: map[string]*command{}, capabilities: capabilityTable(), traces: newTraces()}
	s.SetHide(cfg.Hide)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.imap.ErrorLog = goimapLog{cfg.Log}
	for _, r := range commandTable() {
		s.commands[r.name] = newCommand(r)
	}
	s.sessions.init()
	s.SetLimits(cfg.MaxConnections, cfg.MaxPerAddress)
	be.WakeLost(s.endLost)
	return s, (&extension{srv: s}).install(s.imap)
}

// Listen opens the sockets. When one cannot be opened it closes the others, and
// the error names the address.
func (s *Server) Listen() error {
	if (s.cfg.IMAPS != "" || len(s.cfg.Sockets["imaps"]) > 0) && s.cfg.TLS == nil {
		return errors.New("IMAP over TLS needs a certificate")
	}
	err := s.listen("imap", s.cfg.IMAP, nil)
	if err == nil {
		err = s.listen("imaps", s.cfg.IMAPS, s.cfg.TLS)
	}
	if err != nil {
		s.closeFronts()
	}
	return err
}

func (s *Server) listen(name, addr string, cfg *tls.Config) error {
	sockets := s.cfg.Sockets[name]
	if len(sockets) == 0 && addr != "" {
		off := net.ListenConfig{KeepAlive: -1} // Accept sets it
		l, err := off.Listen(s.ctx, "tcp", addr)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		sockets = []net.Listener{l}
	}
	for _, l := range sockets {
		l = proxy.Listen(l, s.cfg.Proxies, s.log)
		s.fronts = append(s.fronts, &front{Listener: l, srv: s, name: name, tls: cfg, refusals: accept.Refusals{Front: name, Log: s.log}})
	}
	return nil
}

// Addr is where the front "imap" or "imaps" listens, the first place if there are
// several; nil when it does not.
func (s *Server) Addr(name string) net.Addr {
	for _, f := range s.fronts {
		if f.name == name {
			return f.Listener.Addr()
		}
	}
	return nil
}

// SetLimits says how many connections there may be, in total and from one address.
// Those that are open stay.
func (s *Server) SetLimits(total, perAddress int) { s.sessions.limit(total, perAddress) }

// Connections is how many clients are connected.
func (s *Server) Connections() int { return s.sessions.count() }

// Serve takes connections until Shutdown, and returns nil then; an error means
// that a socket died.
func (s *Server) Serve() error {
	ends := make(chan error)
	for _, f := range s.fronts {
		go func() { ends <- s.imap.Serve(f) }()
	}
	var first error
	for range s.fronts {
		if err := <-ends; err != nil && first == nil && s.ctx.Err() == nil {
			first = err
			s.closeFronts()
		}
	}
	return first
}

// Shutdown stops in order: no new connection is taken, running commands end,
// every client is told BYE, and what is still there when ctx ends is cut. It
// returns when no session is left.
func (s *Server) Shutdown(ctx context.Context) {
	s.cancel()
	s.closeFronts()
	empty := s.sessions.close()
	s.sessions.each(func(c *session) { c.wire.Shutdown(stoppingText) })
	select {
	case <-empty:
	case <-ctx.Done():
		s.sessions.each(func(c *session) { c.Close() })
		<-empty
	}
}

// stoppingText is the farewell of a server that stops.
const stoppingText = "The server is stopping"

func (s *Server) closeFronts() {
	for _, f := range s.fronts {
		f.Listener.Close()
	}
}

// goimapLog takes what go-imap has to say of a connection that ended: of use
// only to someone who looks for it.
type goimapLog struct{ log *slog.Logger }

func (l goimapLog) Printf(format string, v ...interface{}) {
	l.log.Debug("go-imap", "text", fmt.Sprintf(format, v...))
}

func (l goimapLog) Println(v ...interface{}) { l.log.Debug("go-imap", "text", fmt.Sprintln(v...)) }
