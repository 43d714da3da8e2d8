package lmtp

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"satchel/server/presence"
)

// frame is the net.Conn under go-smtp. go-smtp reads commands through it a line at a time, and of a message's data only
// an empty one: the session takes the data from the frame itself, as a stream without dots.
//
// go-smtp's own reader would miss the end of a message whose last line ends in CR CR LF, loses a CR after a leading
// dot, bounds the lines of a message like those of commands, and takes one byte at a time.
type frame struct {
	*counted
	srv *Server
	in  *bufio.Reader

	// Set by Write when the answer 354 goes out, which is before go-smtp starts the one who reads the data.
	data  *data
	rest  []byte // what go-smtp is to read before anything else: a slice of in's buffer, or of no one's
	chunk int64  // bytes left of a BDAT chunk

	mu       sync.Mutex
	stopping bool // guarded by mu
	inData   bool // guarded by mu
	once     sync.Once
}

func newFrame(conn net.Conn, s *Server) *frame {
	c := &counted{Conn: conn, id: presence.NewID(), since: time.Now()}
	return &frame{counted: c, srv: s, in: bufio.NewReaderSize(c, 16<<10)}
}

// endOfData is what go-smtp sees of every message.
const endOfData = ".\r\n"

// Read gives go-smtp the next piece of a command line, or the end of a message after passing over what the session has
// not read of it.
func (f *frame) Read(p []byte) (int, error) {
	if f.data != nil {
		if _, err := io.Copy(io.Discard, f.data); err != nil {
			return 0, err
		}
		f.endData()
		f.rest = []byte(endOfData)
	}
	if len(f.rest) > 0 {
		return f.give(p), nil
	}
	if err := f.awaitCommand(); err != nil {
		return 0, err
	}
	if f.chunk > 0 {
		return f.binary(p)
	}
	return f.command(p)
}

// command gives go-smtp the next line and no more, so that nothing behind DATA is in its hands when the data begins.
func (f *frame) command(p []byte) (int, error) {
	line, err := f.in.ReadSlice('\n')
	if len(line) == 0 {
		return 0, err
	}
	// A line that is longer than the buffer comes in pieces, until go-smtp has had enough.
	f.chunk = chunk(line)
	f.rest = completed(line)
	return f.give(p), nil
}

// give hands out what is waiting.
func (f *frame) give(p []byte) int {
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n
}

// binary passes bytes of a BDAT chunk on as they come.
func (f *frame) binary(p []byte) (int, error) {
	n, err := f.in.Read(p[:min(int64(len(p)), f.chunk)])
	f.chunk -= int64(n)
	return n, err
}

// awaitCommand sets the time a client has for its next command; none when the server is stopping.
func (f *frame) awaitCommand() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopping {
		return os.ErrDeadlineExceeded
	}
	return f.Conn.SetReadDeadline(time.Now().Add(f.srv.cfg.ReadTimeout))
}

// interrupt ends the wait for a command; a message under way goes on.
func (f *frame) interrupt() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopping = true
	if !f.inData {
		f.Conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// SetReadDeadline does nothing: the frame knows better what is being waited for.
func (f *frame) SetReadDeadline(time.Time) error { return nil }

// Write sends an answer. 354 begins a message.
func (f *frame) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("354 ")) {
		f.mu.Lock()
		f.inData = true
		f.mu.Unlock()
		f.data = &data{f: f, begin: true, until: time.Now().Add(f.srv.cfg.DataTimeout)}
	}
	if bytes.Contains(p, []byte(noDomain)) {
		given := bytes.ReplaceAll(p, []byte(noDomain), nil)
		if _, err := f.counted.Write(given); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return f.counted.Write(p)
}

func (f *frame) endData() {
	f.data = nil
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inData = false
}

// Close ends the connection.
func (f *frame) Close() error {
	f.once.Do(func() { f.srv.leave(f) })
	return f.Conn.Close()
}

// data reads a message up to CRLF "." CRLF and takes the dots away that RFC 5321, 4.5.2 added. Only CRLF ends a line: a
// bare CR or LF is a byte of the message, so a dot after it neither ends the message nor goes away.
type data struct {
	f     *frame
	begin bool // at the beginning of a line
	cr    bool // the byte before was a CR
	until time.Time
	err   error
}

func (d *data) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && d.err == nil {
		if d.begin && !d.dot() {
			break
		}
		if d.f.in.Buffered() == 0 && (n > 0 || !d.fill(1)) {
			break
		}
		n += d.run(p[n:])
	}
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	return 0, d.err
}

// dot looks at the beginning of a line: it takes a leading dot away, and reports false at the end of the message.
func (d *data) dot() bool {
	if !d.fill(1) {
		return false
	}
	head, _ := d.f.in.Peek(1)
	if head[0] != '.' {
		return true
	}
	if !d.fill(len(endOfData)) {
		return false
	}
	head, _ = d.f.in.Peek(len(endOfData))
	if string(head) == endOfData {
		d.f.in.Discard(len(endOfData))
		d.err = io.EOF
		return false
	}
	d.f.in.Discard(1)
	d.begin = false
	return true
}

// run copies what is there of the current line.
func (d *data) run(p []byte) int {
	have, _ := d.f.in.Peek(min(d.f.in.Buffered(), len(p)))
	if len(have) == 0 {
		return 0
	}
	i := bytes.IndexByte(have, '\n')
	if i >= 0 {
		have = have[:i+1]
	}
	n := copy(p, have)
	d.begin = i >= 0 && (i > 0 && have[i-1] == '\r' || i == 0 && d.cr)
	d.cr = have[n-1] == '\r'
	d.f.in.Discard(n)
	return n
}

// fill waits until n bytes are there.
func (d *data) fill(n int) bool {
	if d.f.in.Buffered() >= n {
		return true
	}
	deadline := time.Now().Add(d.f.srv.cfg.ReadTimeout)
	if deadline.After(d.until) {
		deadline = d.until
	}
	d.f.Conn.SetReadDeadline(deadline)
	if _, err := d.f.in.Peek(n); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		d.err = err
		return false
	}
	return true
}
