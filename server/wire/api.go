// Package wire is the framing net.Conn under go-imap: it cuts the input into commands, hands arguments out as tokens, and
// collects the output.
package wire

import (
	"crypto/tls"
	"io"
	"net"
	"time"
)

// SyntaxError is a mistake of the client in the text of a command: the answer is a tagged BAD with Text, and with
// the response code Code when it is not empty.
type SyntaxError struct{ Code, Text string }

func (e *SyntaxError) Error() string { return e.Text }

// Range is one range of a Set; 0 stands for '*'. First <= Last, with '*' as the largest.
type Range struct{ First, Last uint32 }

// Set is a sequence set or UID set in the order it was written.
type Set []Range

// Limits bound what one command may cost.
type Limits struct {
	Line     int   // bytes of one command, its text and its literals that are read as strings
	Literal  int64 // largest literal
	Token    int   // largest literal read as a string
	Depth    int   // nested parentheses
	Literals int   // literals of one command
	Skip     int64 // bytes thrown away after an error before the connection is closed
	Faults   int   // consecutive bad commands before BYE; 0 is no limit
	Commands int   // commands while these limits are in force; 0 is no limit
}

// PreAuth are the limits of a connection that has not logged in.
func PreAuth() Limits { return Limits{} }

// PostAuth are the limits after login; literal is the largest literal (the append limit).
func PostAuth(literal int64) Limits { return Limits{} }

// Event is what ended a Wait.
type Event int

// What Wait waits for.
const (
	Input Event = iota + 1
	Interrupted
	Timeout
)

// Conn is one client connection, used by one goroutine (only Interrupt, Shutdown and Close may be called by others).
type Conn struct{}

// NewConn frames sock; it does not block.
func NewConn(sock net.Conn) *Conn { return &Conn{} }

// Face is the net.Conn for go-imap's Upgrade: `return w.Face(), nil`.
// (Conn itself is not a net.Conn: go-imap calls Flush of a net.Conn that has one from its send goroutine, a data race.)
func (c *Conn) Face() net.Conn { return nil }

func (c *Conn) SetGreeting(line func() []byte)                        {}
func (c *Conn) SetLimits(l Limits)                                    {}
func (c *Conn) SetTimeouts(read, write time.Duration)                 {}
func (c *Conn) SetExpiry(t time.Time)                                 {} // absolute login deadline, zero = none
func (c *Conn) SetUTF8(on bool)                                       {} // after ENABLE IMAP4rev2/UTF8=ACCEPT: Mailbox no longer decodes mUTF-7
func (c *Conn) Tag() string                                           { return "" }
func (c *Conn) Name() string                                          { return "" }
func (c *Conn) RemoteAddr() net.Addr                                  { return nil }
func (c *Conn) LocalAddr() net.Addr                                   { return nil }
func (c *Conn) Err() error                                            { return nil } // why the connection ended, for the log
func (c *Conn) Out() []byte                                           { return nil }
func (c *Conn) SetOut(b []byte) error                                 { return nil }    // writes it out when > 64 KiB; errors are sticky, may be ignored
func (c *Conn) Write(p []byte) (int, error)                           { return 0, nil } // appends to the output
func (c *Conn) Flush() error                                          { return nil }
func (c *Conn) Continue(text string)                                  {}                // "+ text\r\n"; the next Line flushes it
func (c *Conn) Fault()                                                {}                // the session answered BAD: counts towards Limits.Faults
func (c *Conn) Hangup()                                               {}                // at the end of this command: flush, close (LOGOUT). Nothing else to do
func (c *Conn) Bye(text string)                                       {}                // "* BYE text" and Hangup
func (c *Conn) Shutdown(text string)                                  {}                // any goroutine: BYE text as soon as no command is running
func (c *Conn) Wait(until time.Time) (Event, error)                   { return 0, nil } // zero until = no time limit
func (c *Conn) Interrupt()                                            {}
func (c *Conn) Line(max int) ([]byte, error)                          { return nil, nil }
func (c *Conn) StartTLS(cfg *tls.Config, timeout time.Duration) error { return nil }
func (c *Conn) TLS() *tls.ConnectionState                             { return nil }
func (c *Conn) Close() error                                          { return nil }

func (c *Conn) Peek() byte                     { return 0 }
func (c *Conn) Skip(b byte) bool               { return false }
func (c *Conn) Expect(b byte) error            { return nil }
func (c *Conn) SP() error                      { return nil }
func (c *Conn) EOL() error                     { return nil }
func (c *Conn) Atom() (string, error)          { return "", nil }
func (c *Conn) Word() (string, error)          { return "", nil } // letters, digits, '-', '.', '_' in upper case: UID's sub-command, FETCH items, SEARCH keys
func (c *Conn) AString() (string, error)       { return "", nil }
func (c *Conn) String() (string, error)        { return "", nil }
func (c *Conn) NString() (string, bool, error) { return "", false, nil }
func (c *Conn) Mailbox() (string, error)       { return "", nil }
func (c *Conn) ListMailbox() (string, error)   { return "", nil } // pattern, mUTF-7 decoded
func (c *Conn) Number() (uint32, error)        { return 0, nil }
func (c *Conn) NZNumber() (uint32, error)      { return 0, nil }
func (c *Conn) Number64() (uint64, error)      { return 0, nil } // at most 2^63-1
func (c *Conn) Set() (Set, error)              { return nil, nil }
func (c *Conn) List(each func() error) error   { return nil }
func (c *Conn) Nested(f func() error) error    { return nil } // counts depth for nesting without parentheses (SEARCH NOT NOT ...)
func (c *Conn) Flag() (string, error)          { return "", nil }
func (c *Conn) FlagList() ([]string, error)    { return nil, nil } // "(" flags ")", or flags without parentheses up to the end of the line
func (c *Conn) Date() (time.Time, error)       { return time.Time{}, nil }
func (c *Conn) DateTime() (time.Time, error)   { return time.Time{}, nil }
func (c *Conn) Literal() (*Literal, error)     { return nil, nil } // header only; the "+ OK" goes out at the first Read: look at Size first

// Literal is the literal being read; it ends with the next token.
type Literal struct {
	io.Reader
	Size   int64
	Binary bool // literal8 ~{n}
	Sync   bool
}

func AppendNumber(dst []byte, n uint64) []byte         { return dst }
func AppendQuoted(dst []byte, s string) []byte         { return dst }
func AppendString(dst []byte, s string) []byte         { return dst }
func AppendNString(dst []byte, s string) []byte        { return dst } // "" is NIL
func AppendAString(dst []byte, s string) []byte        { return dst }
func AppendMailbox(dst []byte, name string) []byte     { return dst } // mUTF-7
func AppendMailboxUTF8(dst []byte, name string) []byte { return dst } // for IMAP4rev2 / UTF8=ACCEPT
func AppendFlags(dst []byte, flags []string) []byte    { return dst } // "(a b c)"
func AppendInternalDate(dst []byte, unix int64) []byte { return dst } // with the quotes, +0000
func AppendSet(dst []byte, sorted []uint32) []byte     { return dst }
func AppendLiteralHeader(dst []byte, n int64) []byte   { return dst } // "{n}\r\n"
func AppendLiteral8Header(dst []byte, n int64) []byte  { return dst } // "~{n}\r\n"
func EncodeMUTF7(s string) string                      { return s }
func DecodeMUTF7(s string) (string, error)             { return s, nil }
