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
	"time"

	"satchel/backend"
	"satchel/server/accept"
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
	conns *accept.Server
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
	s := &Server{local: NewLocal(be, fronts), log: log, l: unlinking{l, filepath.Join(data, socketName)}, ops: operations()}
	s.conns = accept.New("control", maxConnections, log, s.answer)
	s.conns.Patient = true
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
func (s *Server) Serve() error { return s.conns.Serve(s.l) }

// answer serves the one request of a connection.
func (s *Server) answer(ctx context.Context, conn net.Conn) {
	if err := admit(conn); err != nil {
		s.log.Warn("control connection refused", "reason", err)
		return
	}
	defer context.AfterFunc(ctx, func() { hurry(conn) })()
	st := newStream(conn)
	setDeadline(ctx, conn, time.Now().Add(silence))
	err := s.perform(ctx, st)
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

// admit lets in this process's own user and root.
func admit(conn net.Conn) error {
	uid, err := peerUID(conn.(*net.UnixConn))
	if err == nil && uid != 0 && uid != os.Geteuid() {
		err = fmt.Errorf("user %d may not", uid)
	}
	return err
}

func (s *Server) perform(ctx context.Context, st *stream) error {
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
	setDeadline(ctx, st.conn, time.Time{})
	return op(s.local, st, r.Args)
}

// setDeadline bounds the wait for the request; once the server stops all waits are over.
func setDeadline(ctx context.Context, conn net.Conn, t time.Time) {
	conn.SetReadDeadline(t)
	if ctx.Err() != nil {
		hurry(conn)
	}
}

// hurry ends the wait for what the client has to say.
func hurry(conn net.Conn) { conn.SetReadDeadline(time.Unix(1, 0)) }

// Shutdown stops in order: what is being done is finished, but an import ends with what it has brought so far, and what
// is not done when ctx ends is cut.
func (s *Server) Shutdown(ctx context.Context) {
	s.conns.Shutdown(ctx)
	s.l.Close() // for one that was never served
}
