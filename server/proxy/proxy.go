// Package proxy gives connections that come through a load balancer the addresses that it tells of its clients, by the
// PROXY protocol, versions 1 and 2.
//
// It owns who is believed, and how long and how many connections may be without their header. What a client says before
// the protocol proper is looked at for the load balancers only: whatever anybody else sends is his own.
package proxy

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pires/go-proxyproto"
)

// Limits on connections whose header has not come.
const (
	headerTimeout = 5 * time.Second
	maxWaiting    = 256
)

// logPause is the least time between two lines of log about refused connections.
const logPause = 10 * time.Second

// Listen wraps a listener: a connection from one of the networks has to begin with a header, and has its addresses from
// then on; without one it is closed. Connections from elsewhere are as they were. With no networks, or a listener that
// is not TCP's, it is l.
//
// A load balancer must send the header for every connection, for a server that speaks first cannot wait for one that
// may never come.
func Listen(l net.Listener, from []netip.Prefix, log *slog.Logger) net.Listener {
	if _, ok := l.Addr().(*net.TCPAddr); !ok || len(from) == 0 {
		return l
	}
	return listen(l, from, log, headerTimeout)
}

// listener hands out connections in the order in which they are ready.
type listener struct {
	net.Listener
	from    []netip.Prefix
	log     *slog.Logger
	timeout time.Duration
	logged  atomic.Int64 // when a refusal was last logged, Unix nanoseconds

	ready   chan accepted
	waiting chan struct{} // a place for each connection without its header
	closed  chan struct{}
	close   sync.Once
}

// accepted is what Accept returns.
type accepted struct {
	conn net.Conn
	err  error
}

func listen(l net.Listener, from []netip.Prefix, log *slog.Logger, timeout time.Duration) *listener {
	p := &listener{Listener: l, from: from, log: log, timeout: timeout,
		ready: make(chan accepted), waiting: make(chan struct{}, maxWaiting), closed: make(chan struct{})}
	go p.run()
	return p
}

// run takes connections until the listener is closed. Nobody has to wait for another's header.
func (p *listener) run() {
	for {
		conn, err := p.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			p.Close()
			return
		case err != nil:
			p.give(accepted{err: err})
		case !p.trusts(conn.RemoteAddr()):
			p.give(accepted{conn: conn})
		default:
			select {
			case p.waiting <- struct{}{}:
				go p.unwrap(conn)
			default:
				p.refuse(conn, errors.New("too many connections without a PROXY header"))
			}
		}
	}
}

// trusts says whether an address is a load balancer's.
func (p *listener) trusts(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return false
	}
	addr := tcp.AddrPort().Addr().Unmap().WithZone("")
	for _, network := range p.from {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// unwrap reads the header of a connection and hands it out.
func (p *listener) unwrap(c net.Conn) {
	proxied, err := readHeader(c, p.timeout)
	<-p.waiting
	if err != nil {
		p.refuse(c, err)
		return
	}
	p.give(accepted{conn: proxied})
}

func (p *listener) give(a accepted) {
	select {
	case p.ready <- a:
	case <-p.closed:
		if a.conn != nil {
			a.conn.Close()
		}
	}
}

func (p *listener) refuse(c net.Conn, why error) {
	defer c.Close()
	now := time.Now().UnixNano() // may be before the last time, by as much as the clock was set back
	if last := p.logged.Load(); max(now-last, last-now) < int64(logPause) || !p.logged.CompareAndSwap(last, now) {
		return
	}
	p.log.Warn("connection refused", "proxy", c.RemoteAddr().String(), "reason", why)
}

// Accept waits for a connection that is ready.
func (p *listener) Accept() (net.Conn, error) {
	select {
	case a := <-p.ready:
		return a.conn, a.err
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and the listener. What waits for a header is closed when it has come, or is overdue.
func (p *listener) Close() error {
	p.close.Do(func() { close(p.closed) })
	return p.Listener.Close()
}

// conn is a client's connection as the load balancer has told of it.
type conn struct {
	net.Conn
	rest          []byte // read with the header, and not part of it
	remote, local net.Addr
}

// readHeader reads the header and makes the connection that of the client. A connection of the load balancer's own
// (LOCAL, UNKNOWN), which asks whether the server lives, keeps its addresses, and so does one that was not TCP.
func readHeader(c net.Conn, timeout time.Duration) (net.Conn, error) {
	c.SetReadDeadline(time.Now().Add(timeout))
	in := bufio.NewReader(c)
	header, err := proxyproto.Read(in)
	if err != nil {
		return nil, fmt.Errorf("read PROXY header: %w", err)
	}
	c.SetReadDeadline(time.Time{})
	rest, _ := in.Peek(in.Buffered())
	p := &conn{Conn: c, rest: append([]byte(nil), rest...), remote: c.RemoteAddr(), local: c.LocalAddr()}
	if source, ok := header.SourceAddr.(*net.TCPAddr); ok && header.Command.IsProxy() {
		p.remote, p.local = source, header.DestinationAddr
	}
	return p, nil
}

func (c *conn) RemoteAddr() net.Addr { return c.remote }
func (c *conn) LocalAddr() net.Addr  { return c.local }

func (c *conn) Read(b []byte) (int, error) {
	if len(c.rest) == 0 {
		return c.Conn.Read(b)
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// SyscallConn and SetKeepAliveConfig are those of the socket, for who sets its options.

func (c *conn) SyscallConn() (syscall.RawConn, error) {
	return c.Conn.(*net.TCPConn).SyscallConn()
}

func (c *conn) SetKeepAliveConfig(cfg net.KeepAliveConfig) error {
	return c.Conn.(*net.TCPConn).SetKeepAliveConfig(cfg)
}
