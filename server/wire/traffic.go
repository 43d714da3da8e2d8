package wire

// transport is what a connection's bytes come from: TLS or the socket, counted.
type transport struct{ c *Conn }

func (t transport) Read(p []byte) (int, error) {
	n, err := t.c.sock.Read(p)
	t.c.bytesIn.Add(uint64(n))
	return n, err
}

// Traffic returns how many bytes the client has sent and was sent, as they are under TLS: compressed if it asked for
// that. Any goroutine may call it.
func (c *Conn) Traffic() (received, sent uint64) { return c.bytesIn.Load(), c.bytesOut.Load() }

// TLSVersion returns the version of TLS as crypto/tls numbers it, 0 on a plain connection or before the handshake. Any
// goroutine may call it.
func (c *Conn) TLSVersion() uint16 { return uint16(c.version.Load()) }

// Deflated is Compressed for any goroutine.
func (c *Conn) Deflated() bool { return c.deflated.Load() }

// Over reports whether the last has been said, though the client may not have closed the connection yet. Any goroutine may
// call it.
func (c *Conn) Over() bool { return c.over.Load() }
