package accept

import (
	"net"
	"net/netip"
	"sync"
)

// Limits say how many connections a listener has open at a time; 0 is no limit.
type Limits struct {
	Total   int
	Network int // from one address, or IPv6 /64; loopback exempt
}

// Limit wraps a listener for servers that take their connections themselves: those beyond the limits are closed as they
// come, which refusals logs. A connection has its place until it is closed.
func Limit(l net.Listener, most Limits, refusals *Refusals) net.Listener {
	return &limited{Listener: l, most: most, refusals: refusals, byNetwork: map[netip.Addr]int{}}
}

type limited struct {
	net.Listener
	most     Limits
	refusals *Refusals

	mu        sync.Mutex
	open      int                // guarded by mu
	byNetwork map[netip.Addr]int // of these, loopback not counted; guarded by mu
}

// Accept waits for a connection within the limits.
func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := Remote(conn)
		if l.enter(addr) {
			return &placed{Conn: conn, leave: sync.OnceFunc(func() { l.leave(addr) })}, nil
		}
		conn.Close()
		l.refusals.Warn("connection refused", "rip", addr.String(), "reason", "Too many connections")
	}
}

func (l *limited) enter(addr netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := Network(addr)
	if l.most.Total > 0 && l.open >= l.most.Total || l.most.Network > 0 && l.byNetwork[key] >= l.most.Network {
		return false
	}
	l.open++
	if addr.IsValid() && !addr.IsLoopback() {
		l.byNetwork[key]++
	}
	return true
}

func (l *limited) leave(addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	key := Network(addr)
	if l.byNetwork[key]--; l.byNetwork[key] <= 0 {
		delete(l.byNetwork, key)
	}
}

// placed is a connection that gives its place back.
type placed struct {
	net.Conn
	leave func()
}

func (c *placed) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// Remote is the address of a connection's client, the zero Addr when it has none.
func Remote(c net.Conn) netip.Addr {
	if tcp, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// Network is what counts as one address: for IPv6 the /64 that a household has.
func Network(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return addr
	}
	return netip.PrefixFrom(addr, 64).Masked().Addr()
}
