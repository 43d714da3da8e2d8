package wire

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"satchel/server/wire/inflate"
)

// Conn is one client's connection. See the package comment for who may call what.
type Conn struct {
	raw    net.Conn        // the socket under everything: deadlines and Close act on it
	sock   net.Conn        // what bytes are read from and written to: raw, or TLS over it
	ctl    syscall.RawConn // of raw, or nil
	shaken bool            // no handshake is outstanding

	// Input.
	in    *inBuffer // nil while nothing is buffered
	r, w  int       // in[r:w] is unread
	inErr error     // sticky
	one   [1]byte   // what a wait without buffer reads into
	fresh bool      // only that byte was read so far: the rest is at hand

	// Compression.
	inflate *inflate.Reader // nil without
	history []byte          // the end of what was sent compressed

	// Output.
	out      *outBuffer // nil while nothing is to be written
	outErr   error      // sticky
	greeting func() []byte
	alert    func() // called when an interrupt comes while no command is running; nil: such interrupts wait
	secured  func() // called when a handshake has ended well, or nil

	// The command being read.
	tag, name string
	left      int     // bytes it may still have
	floor     int     // below which left needs care: 0, or above all if somebody listens
	literals  int     // literals it may still have
	depth     int     // parentheses open
	ended     bool    // its end of line was read
	fault     bool    // it was answered BAD
	lit       Literal // its last literal
	tail      literalTail

	// The connection.
	taps     taps
	limits   Limits
	faults   int // bad commands in a row
	commands int // commands since SetLimits
	utf8     bool
	hangup   bool
	cause    error // why it ended

	read, write time.Duration // timeouts; 0 is none
	writeUntil  time.Time     // the write deadline as it stands
	patience    time.Duration // how long it keeps its buffers while it waits for a command
	expiry      time.Time     // zero is never

	mu   sync.Mutex
	wake wake // guarded by mu

	// For who looks on from elsewhere.
	bytesIn, bytesOut atomic.Uint64 // see Traffic
	version           atomic.Uint32 // of TLS; 0 without
	deflated, over    atomic.Bool
}

// NewConn frames sock, which may be a *tls.Conn whose handshake is still to come. It does not block. The limits are
// those of PreAuth and there are no timeouts until they are set.
func NewConn(sock net.Conn) *Conn {
	c := &Conn{raw: sock, sock: sock, shaken: true, ended: true}
	if t, ok := sock.(*tls.Conn); ok {
		c.raw, c.shaken = t.NetConn(), false
	}
	if s, ok := c.raw.(syscall.Conn); ok {
		c.ctl, _ = s.SyscallConn()
	}
	c.patience = defaultPatience
	c.SetLimits(PreAuth())
	return c
}

// SetGreeting sets what replaces the first line that go-imap writes: a whole greeting with its CRLF. It is called once.
func (c *Conn) SetGreeting(line func() []byte) { c.greeting = line }

// SetLimits sets the limits of the commands that follow.
func (c *Conn) SetLimits(l Limits) { c.limits, c.commands = l, 0 }

// SetTimeouts sets how long the client may say nothing (autologout) and how long it may take to accept 64 KiB of output.
// Zero is no limit.
func (c *Conn) SetTimeouts(read, write time.Duration) {
	c.read, c.write, c.writeUntil = read, write, time.Time{}
	c.raw.SetWriteDeadline(time.Time{})
}

// SetExpiry sets when the connection ends whatever the client does, so that nobody can stay for ever without logging in
// by sending a byte now and then. The zero time removes it.
func (c *Conn) SetExpiry(t time.Time) { c.expiry = t }

// SetAlert sets what is called, on the goroutine that reads, when Interrupt is called while the client has no command
// under way; what it appends to the output is written at once. Without it, nil, the interrupt waits for the next Wait.
func (c *Conn) SetAlert(f func()) { c.alert = f }

// SetSecured sets what is called when a TLS handshake has ended well, before anything is said over it.
func (c *Conn) SetSecured(f func()) { c.secured = f }

// SetUTF8 says whether quoted strings are UTF-8, and mailbox names in no other form: after ENABLE IMAP4rev2 or UTF8=ACCEPT.
func (c *Conn) SetUTF8(on bool) { c.utf8 = on }

// Tag returns the tag of the command being read, at most 128 bytes of ASTRING-CHAR.
func (c *Conn) Tag() string { return c.tag }

// Name returns the name of the command being read in upper case, at most 32 letters, digits, '-', '_' and '.'.
func (c *Conn) Name() string { return c.name }

// RemoteAddr returns the client's address.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

// LocalAddr returns the address the client connected to.
func (c *Conn) LocalAddr() net.Addr { return c.raw.LocalAddr() }

// Err returns why the connection ended, for the log. It is nil while it lasts, and after an orderly end.
func (c *Conn) Err() error { return c.cause }

// Broken reports whether the connection can no longer be read or written. A handler that has an error then has it from
// the connection, and nobody hears what it answers.
func (c *Conn) Broken() bool { return c.inErr != nil || c.outErr != nil }

// Close closes the socket at once and never blocks: what is in the output is lost, and a TLS client gets no farewell.
// Bye and Hangup are the polite ways. Any goroutine may call it, any number of times.
func (c *Conn) Close() error { return c.raw.Close() }
