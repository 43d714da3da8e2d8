package control

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Frames are a kind, a length in four bytes and that many bytes. What each kind holds:
type kind byte

const (
	kindRequest kind = 'q' // JSON: what is asked for
	kindKeys    kind = 'k' // JSON: keys of messages, asked for during an import
	kindChanges kind = 'c' // JSON: Changes, during an import
	kindMessage kind = 'm' // JSON: a Message, whose bytes follow
	kindData    kind = 'd' // bytes of a message
	kindEnd     kind = 'e' // nothing: the message is complete
	kindBroken  kind = 'b' // text: the message could not be read to its end, and why
	kindFinish  kind = 'f' // JSON: the import is complete
	kindAgreed  kind = 'a' // nothing: yes, erase these
	kindItem    kind = 'i' // JSON: one of several answers
	kindResult  kind = 'r' // JSON: the last answer
	kindError   kind = 'x' // JSON: the last answer, a failure
)

const (
	maxFrame  = 8 << 20 // bytes; a list of 100,000 mailboxes fits
	dataFrame = 64 << 10
	// silence is how long one end waits for the next frame, or for the other to take one, before it gives up. An answer
	// may take longer than that, so waiting for one has no limit: the other process is on the same machine.
	silence = 5 * time.Minute
)

var errProtocol = errors.New("control socket: not the expected answer; are both programs of one version?")

// stream is one connection, on which one request is made. Frames are written by one goroutine and read by one.
type stream struct {
	conn net.Conn
	in   *bufio.Reader
	out  *bufio.Writer
}

func newStream(conn net.Conn) *stream {
	return &stream{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), out: bufio.NewWriterSize(conn, 128<<10)}
}

// send writes a frame of JSON.
func (s *stream) send(k kind, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	return s.write(k, b)
}

// sendItem writes one of several answers, which is not kept waiting for the others.
func (s *stream) sendItem(v any) error {
	if err := s.send(kindItem, v); err != nil {
		return err
	}
	return s.flush()
}

func (s *stream) write(k kind, b []byte) error {
	if len(b) > maxFrame {
		return fmt.Errorf("control socket: %d bytes are too much for one answer", len(b))
	}
	var head [5]byte
	head[0] = byte(k)
	binary.BigEndian.PutUint32(head[1:], uint32(len(b)))
	s.conn.SetWriteDeadline(time.Now().Add(silence))
	s.out.Write(head[:])
	_, err := s.out.Write(b) // keeps the first error
	return err
}

func (s *stream) flush() error {
	s.conn.SetWriteDeadline(time.Now().Add(silence))
	return s.out.Flush()
}

// head reads what kind of frame comes next, and how long it is.
func (s *stream) head() (kind, int, error) {
	var head [5]byte
	if _, err := io.ReadFull(s.in, head[:]); err != nil {
		return 0, 0, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, 0, errProtocol
	}
	return kind(head[0]), int(n), nil
}

// next reads a frame.
func (s *stream) next() (kind, []byte, error) {
	k, n, err := s.head()
	if err != nil {
		return 0, nil, err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(s.in, b); err != nil {
		return 0, nil, err
	}
	return k, b, nil
}

// sendMessage writes a message and its bytes, as sendBytes does.
func (s *stream) sendMessage(m *Message, body io.Reader, buf []byte) (broken, err error) {
	if err := s.send(kindMessage, m); err != nil {
		return nil, err
	}
	return s.sendBytes(body, buf)
}

// sendBytes writes the bytes of a message. broken is set when reading them failed: the other end has been told, and the
// stream goes on.
func (s *stream) sendBytes(body io.Reader, buf []byte) (broken, err error) {
	for {
		n, rerr := body.Read(buf)
		if n > 0 {
			if err := s.write(kindData, buf[:n]); err != nil {
				return nil, err
			}
		}
		if rerr == io.EOF {
			return nil, s.write(kindEnd, nil)
		}
		if rerr != nil {
			return rerr, s.write(kindBroken, []byte(rerr.Error()))
		}
	}
}

// body reads the bytes of a message off a stream.
type body struct {
	s    *stream
	left int // bytes left of the present frame
	end  error
}

func (b *body) Read(p []byte) (int, error) {
	for b.left == 0 {
		if b.end != nil {
			return 0, b.end
		}
		if err := b.frame(); err != nil {
			b.end = err
		}
	}
	n, err := b.s.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		b.end, b.left = err, 0
	}
	return n, err
}

// frame begins the next frame of the message.
func (b *body) frame() error {
	k, n, err := b.s.head()
	switch {
	case err != nil:
		return fmt.Errorf("control socket: %w", err)
	case k == kindData:
		b.left = n
		return nil
	case k == kindEnd && n == 0:
		return io.EOF
	case k == kindBroken:
		text := make([]byte, n)
		if _, err := io.ReadFull(b.s.in, text); err != nil {
			return err
		}
		return &brokenError{string(text)}
	}
	return errProtocol
}

// drain passes over what was not read; lost reports that the stream cannot go on.
func (b *body) drain() (lost error) {
	io.Copy(io.Discard, b)
	var broken *brokenError
	if b.end == io.EOF || errors.As(b.end, &broken) {
		return nil
	}
	return b.end
}

// brokenError says why the other end could not read a message to its end.
type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }
