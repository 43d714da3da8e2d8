package server

import (
	"crypto/tls"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"satchel/server/accept"
)

// Waits after an Accept that failed for want of descriptors or memory.
const (
	minBackOff = 5 * time.Millisecond
	maxBackOff = time.Second
)

// quiet is how clients that say nothing are looked after. The pauses of Go's own
// keep-alive are short enough to keep a phone awake.
var quiet = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Minute, Interval: time.Minute, Count: 5}

// front is a listener as go-imap's server sees it: it hands out connections
// within the limits, wrapped in TLS where the front is for that.
type front struct {
	net.Listener
	srv      *Server
	name     string
	tls      *tls.Config
	refusals accept.Refusals

	accepted, refused atomic.Uint64 // connections
}

// Accept waits for the next connection that is within the limits. It returns an
// error only when the listener is closed.
func (f *front) Accept() (net.Conn, error) {
	wait := minBackOff
	for {
		conn, err := f.Listener.Accept()
		if err != nil {
			if !accept.Passing(err) {
				return nil, err
			}
			f.refusals.Warn("cannot accept", "error", err)
			time.Sleep(wait)
			wait = min(2*wait, maxBackOff)
			continue
		}
		wait = minBackOff
		addr := accept.Remote(conn)
		if why := f.srv.sessions.admit(addr); why != "" {
			f.refused.Add(1)
			f.refuse(conn, addr, why)
			continue
		}
		f.accepted.Add(1)
		if tcp, ok := conn.(interface {
			SetKeepAliveConfig(net.KeepAliveConfig) error
		}); ok {
			tcp.SetKeepAliveConfig(quiet)
		}
		if f.tls == nil {
			return conn, nil
		}
		return tls.Server(conn, f.tls), nil
	}
}

// refuse ends a connection over the limits. The line fits any socket's buffer,
// so it does not wait; a client that speaks TLS just sees the end.
func (f *front) refuse(conn net.Conn, addr netip.Addr, why string) {
	f.refusals.Warn("connection refused", "rip", addr.String(), "reason", why)
	if f.tls == nil {
		conn.SetWriteDeadline(time.Now().Add(time.Second))
		conn.Write([]byte("* BYE " + why + "\r\n"))
	}
	conn.Close()
}
