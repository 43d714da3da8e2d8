package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"satchel/backend"
)

// socketName is the socket's name in the data folder.
const socketName = "control"

// maxConnections bounds the command lines at work at a time.
const maxConnections = 64

// Server answers the command line on behalf of the process that has the data folder.
type Server struct {
	local *Local
	log   *slog.Logger
	l     net.Listener
	ops   map[string]operation

	mu       sync.Mutex
	conns    map[net.Conn]bool // guarded by mu
	stopping bool              // guarded by mu
	running  sync.WaitGroup
}

// Listen opens the socket in the data folder, which be must own: a socket left by a process that died is replaced.
// fronts, unless nil, are where its clients are.
func Listen(data string, be *backend.Backend, fronts Fronts, log *slog.Logger) (*Server, error) {
	path, release, err := shortPath(filepath.Join(data, socketName))
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	defer release()
	os.Remove(path)
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // path may not be good by then
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("control socket: %w", err)
	}
	s := &Server{local: NewLocal(be, fronts), log: log, l: unlinking{l, filepath.Join(data, socketName)}, ops: operations(), conns: map[net.Conn]bool{}}
	s.local.log = log
	return s, nil
}

// unlinking removes the socket when it is closed.
type unlinking struct {
	net.Listener
	path string
}

func (u unlinking) Close() error {
	return errors.Join(u.Listener.Close(), os.Remove(u.path))
}

// Serve answers requests until Shutdown, and returns nil then.
func (s *Server) Serve() error {
	for {
		conn, err := s.l.Accept()
		if err != nil {
			if s.isStopping() {
				return nil
			}
			return fmt.Errorf("control socket: %w", err)
		}
		if err := s.admit(conn); err != nil {
			s.log.Warn("control connection refused", "reason", err)
			conn.Close()
			continue
		}
		go s.answer(conn)
	}
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

// admit lets in this process's own user and root.
func (s *Server) admit(conn net.Conn) error {
	uid, err := peerUID(conn.(*net.UnixConn))
	if err == nil && uid != 0 && uid != os.Geteuid() {
		err = fmt.Errorf("user %d may not", uid)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping || len(s.conns) >= maxConnections {
		return errors.New("too many connections")
	}
	s.conns[conn] = true
	s.running.Add(1)
	return nil
}

// answer serves the one request of a connection.
func (s *Server) answer(conn net.Conn) {
	defer s.running.Done()
	defer s.leave(conn)
	st := newStream(conn)
	s.setDeadline(conn, time.Now().Add(silence))
	err := s.perform(st)
	if err != nil {
		err = st.send(kindError, failureOf(err))
	}
	if err == nil {
		err = st.flush()
	}
	if err != nil {
		s.log.Debug("control connection", "error", err)
	}
}

func (s *Server) perform(st *stream) error {
	k, b, err := st.next()
	if err != nil {
		return err
	}
	var r request
	if k != kindRequest || json.Unmarshal(b, &r) != nil {
		return errProtocol
	}
	op := s.ops[r.Op]
	if op == nil {
		return fmt.Errorf("%q: %w by the running server", r.Op, errors.ErrUnsupported)
	}
	s.setDeadline(st.conn, time.Time{})
	return op(s.local, st, r.Args)
}

// setDeadline bounds the wait for the request; while the server is stopping all waits are over.
func (s *Server) setDeadline(conn net.Conn, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopping {
		conn.SetReadDeadline(t)
	}
}

func (s *Server) leave(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// Shutdown stops in order: what is being done is finished, but an import ends with what it has brought so far, and what
// is not done when ctx ends is cut.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.stopping = true
	for conn := range s.conns {
		conn.SetReadDeadline(time.Unix(1, 0))
	}
	s.mu.Unlock()
	s.l.Close()
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	s.mu.Lock()
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	<-ended
}
