package wire

import (
	"bytes"
	"io"
	"net"
	"time"
)

// Face returns the net.Conn that go-imap gets:
//
//	c.Upgrade(func(sock net.Conn) (net.Conn, error) { w = wire.NewConn(sock); return w.Face(), nil })
//
// A Conn is not itself a net.Conn, because go-imap calls the Flush method of one that has it, and does so from its own
// goroutine while the session's goroutine writes.
func (c *Conn) Face() net.Conn { return &face{c: c} }

// fedTag stands for the client's tag in what go-imap reads and writes: a tag may be long, or hold brackets, or be NIL,
// and go-imap misreads all three.
const fedTag = "T"

type face struct {
	c       *Conn
	feed    []byte // what is left of the line for go-imap
	greeted bool
}

// Read gives go-imap the next command's name. Every end is io.EOF to go-imap, which would log anything else; Conn.Err
// tells the reason.
func (f *face) Read(p []byte) (int, error) {
	if len(f.feed) == 0 {
		if err := f.c.nextCommand(); err != nil {
			f.c.end(err)
			return 0, io.EOF
		}
		f.feed = append(append(append(f.feed[:0], fedTag+" "...), f.c.name...), "\r\n"...)
	}
	n := copy(p, f.feed)
	f.feed = f.feed[:copy(f.feed, f.feed[n:])]
	return n, nil
}

// Write appends what go-imap has to say to the output. Its greeting is replaced by ours. It is called by go-imap's own
// goroutine while the session's waits for it.
func (f *face) Write(p []byte) (int, error) {
	c := f.c
	if !f.greeted && c.greeting != nil {
		f.greeted = true
		return len(p), c.SetOut(append(c.Out(), c.greeting()...))
	}
	f.greeted = true
	if rest, ok := bytes.CutPrefix(p, []byte(fedTag+" ")); ok {
		return len(p), c.SetOut(append(append(append(c.Out(), c.tag...), ' '), rest...))
	}
	return len(p), c.SetOut(append(c.Out(), p...))
}

func (f *face) Close() error         { return f.c.Close() }
func (f *face) LocalAddr() net.Addr  { return f.c.LocalAddr() }
func (f *face) RemoteAddr() net.Addr { return f.c.RemoteAddr() }

// The frame keeps its own deadlines: go-imap's would end a session in IDLE.
func (f *face) SetDeadline(time.Time) error      { return nil }
func (f *face) SetReadDeadline(time.Time) error  { return nil }
func (f *face) SetWriteDeadline(time.Time) error { return nil }
