// Package accept runs the connections of fronts that speak a small protocol with programs of the same host: it takes
// them within a limit, each in a goroutine of its own, and ends them when the server stops.
//
// It owns listeners and connections, never what is said over them. A Server is safe for concurrent use.
package accept

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"
)

// Waits after an Accept that failed for want of descriptors or memory.
const (
	minBackOff = 5 * time.Millisecond
	maxBackOff = time.Second
)

// Handler talks over a connection until it is done. The context ends, and the connection is closed unless the server is
// Patient, when the server stops; then the handler must return soon.
type Handler func(context.Context, net.Conn)

// Server hands connections to a handler.
type Server struct {
	// Patient leaves connections open when the server stops, so that handlers can finish what they are doing. Those that
	// have not when Shutdown's context ends are cut then. It is set before Serve.
	Patient bool

	name     string
	most     int
	handle   Handler
	refusals Refusals

	ctx     context.Context // ends when Shutdown begins
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	open     map[interface{ Close() error }]struct{} // listeners and connections; guarded by mu
	conns    int                                     // of these, connections; guarded by mu
	stopping bool                                    // guarded by mu
}

// New makes a server for at most so many connections at a time. The name is for the log.
func New(name string, most int, log *slog.Logger, handle Handler) *Server {
	s := &Server{name: name, most: most, handle: handle, refusals: Refusals{Front: name, Log: log}, open: map[interface{ Close() error }]struct{}{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Serve takes connections from l until Shutdown, and returns nil then; an error means that the socket died.
func (s *Server) Serve(l net.Listener) error {
	if !s.enter(l, false) {
		l.Close()
		return nil
	}
	wait := minBackOff
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			wait = minBackOff
			s.start(conn)
		case s.ctx.Err() != nil:
			return nil
		case !Passing(err):
			return fmt.Errorf("%s: %w", s.name, err)
		default:
			s.refusals.Warn("cannot accept", "error", err)
			time.Sleep(wait)
			wait = min(2*wait, maxBackOff)
		}
	}
}

// start runs the handler, or closes a connection beyond the limit.
func (s *Server) start(conn net.Conn) {
	if !s.enter(conn, true) {
		conn.Close()
		s.refusals.Warn("connection refused", "reason", "Too many connections")
		return
	}
	go func() {
		defer s.running.Done()
		defer s.leave(conn)
		s.handle(s.ctx, conn)
	}()
}

func (s *Server) enter(c interface{ Close() error }, isConn bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping || isConn && s.conns >= s.most {
		return false
	}
	s.open[c] = struct{}{}
	if isConn {
		s.conns++
		s.running.Add(1)
	}
	return true
}

// leave counts a connection out before it closes it, so that whoever sees the end may come again.
func (s *Server) leave(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
	s.conns--
}

// Shutdown closes everything, and waits for the handlers until ctx ends. A client asks again elsewhere, or later. Those of
// a Patient server have returned when Shutdown does.
func (s *Server) Shutdown(ctx context.Context) {
	s.cancel()
	s.mu.Lock()
	s.stopping = true
	s.closeAll(!s.Patient)
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	if s.Patient {
		s.mu.Lock()
		s.closeAll(true)
		s.mu.Unlock()
		<-done
	}
}

// closeAll closes the listeners and, if conns is set, the connections. Callers hold mu.
func (s *Server) closeAll(conns bool) {
	for c := range s.open {
		if _, isConn := c.(net.Conn); conns || !isConn {
			c.Close()
		}
	}
}

// Passing tells an Accept that may succeed later from a dead listener.
func Passing(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EINTR} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
