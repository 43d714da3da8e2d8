// Package lmtp takes mail from the MTA (RFC 2033), with go-smtp speaking the protocol.
//
// It owns the LMTP connections: their limits and timeouts, the framing of message data, the answer to each recipient
// and the log line of each delivery. It never decides where a message goes, nor stores one: that is the backend's.
//
// A Server is safe for concurrent use. A 250 after the data means that the message is on disk.
package lmtp

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"satchel/backend"
)

// Config says how a Server serves. Zero values are replaced by the defaults named.
type Config struct {
	Hostname       string        // by which the server calls itself; "localhost"
	MaxConnections int           // at a time; 100
	MaxRecipients  int           // of one message; 1000
	ReadTimeout    time.Duration // for each command and each piece of data; 5 minutes (RFC 5321, 4.5.3.2)
	DataTimeout    time.Duration // for a whole message; 30 minutes
	WriteTimeout   time.Duration // for each answer; 1 minute

	Log *slog.Logger // slog.Default()
}

func (c *Config) setDefaults() {
	if c.Hostname == "" {
		c.Hostname = "localhost"
	}
	if c.MaxConnections <= 0 {
		c.MaxConnections = 100
	}
	if c.MaxRecipients <= 0 {
		c.MaxRecipients = 1000
	}
	if c.ReadTimeout <= 0 {
		c.ReadTimeout = 5 * time.Minute
	}
	if c.DataTimeout <= 0 {
		c.DataTimeout = 30 * time.Minute
	}
	if c.WriteTimeout <= 0 {
		c.WriteTimeout = time.Minute
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}

// maxCommand bounds a command line: 512 bytes in RFC 5321, 4.5.3.1.4, more with the parameters of extensions.
const maxCommand = 4096

// Server is an LMTP server over one backend.
type Server struct {
	cfg      Config
	backend  *backend.Backend
	smtp     *smtp.Server
	sequence atomic.Uint64

	mu       sync.Mutex
	most     int                 // connections at a time; guarded by mu
	frames   map[*frame]struct{} // guarded by mu
	stopping bool                // guarded by mu
	done     Stats               // of connections that have ended, too; guarded by mu
}

// New makes a server; Serve starts it.
func New(be *backend.Backend, cfg Config) *Server {
	cfg.setDefaults()
	s := &Server{cfg: cfg, backend: be, most: cfg.MaxConnections, frames: map[*frame]struct{}{}}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.smtp.LMTP = true
	s.smtp.Domain = cfg.Hostname
	s.smtp.MaxRecipients = cfg.MaxRecipients
	s.smtp.MaxMessageBytes = be.AppendLimit()
	s.smtp.MaxLineLength = maxCommand
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ReadTimeout = cfg.ReadTimeout
	s.smtp.WriteTimeout = cfg.WriteTimeout
	s.smtp.ErrorLog = smtpLog{cfg.Log}
	return s
}

// SetMaxConnections says how many connections there may be from now on. Those that are open stay.
func (s *Server) SetMaxConnections(most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = most
}

// Serve takes connections from l until Shutdown, and returns nil then. It may be called for several listeners.
func (s *Server) Serve(l net.Listener) error {
	if err := s.smtp.Serve(&listener{Listener: l, srv: s}); err != nil {
		return fmt.Errorf("lmtp: %w", err)
	}
	return nil
}

// Shutdown stops in order: no new connection is taken, a message under way is taken to its end and answered, everybody
// else is told 421. What is still there when ctx ends is cut.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.stopping = true
	for f := range s.frames {
		f.interrupt()
	}
	s.mu.Unlock()
	if s.smtp.Shutdown(ctx) == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.frames {
		f.Conn.Close()
	}
}

// enter admits a connection within the limits.
func (s *Server) enter(conn net.Conn) (*frame, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping || len(s.frames) >= s.most {
		s.done.Refused++
		return nil, false
	}
	s.done.Accepted++
	f := newFrame(conn, s)
	s.frames[f] = struct{}{}
	return f, true
}

func (s *Server) leave(f *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.frames, f)
	s.done.In, s.done.Out = s.done.In+f.counted.in.Load(), s.done.Out+f.counted.out.Load()
}

// listener hands out framed connections.
type listener struct {
	net.Listener
	srv *Server
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if f, ok := l.srv.enter(conn); ok {
			return f, nil
		}
		// RFC 5321, 3.1: a server that cannot serve now says so in place of its greeting.
		conn.SetWriteDeadline(time.Now().Add(time.Second))
		conn.Write([]byte("421 4.3.2 Too many connections, try again later\r\n"))
		conn.Close()
	}
}

// smtpLog takes what go-smtp has to say of a connection that ended.
type smtpLog struct{ log *slog.Logger }

func (l smtpLog) Printf(format string, v ...interface{}) {
	l.log.Debug("go-smtp", "text", fmt.Sprintf(format, v...))
}

func (l smtpLog) Println(v ...interface{}) { l.log.Debug("go-smtp", "text", fmt.Sprintln(v...)) }
