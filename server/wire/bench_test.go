package wire

import (
	"bytes"
	"io"
	"testing"
	"time"
)

// endless is a client that sends the same bytes for ever.
type endless struct {
	script
	text []byte
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

func (e *endless) Write(p []byte) (int, error) { return len(p), nil }

func benchmarkCommand(b *testing.B, text string, handle func(*Conn) error) {
	c := NewConn(&endless{text: bytes.Repeat([]byte(text), 1+4096/len(text))})
	c.SetLimits(PostAuth(1 << 30))
	face := c.Face()
	line := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := face.Read(line); err != nil {
			b.Fatal(err)
		}
		if err := handle(c); err != nil {
			b.Fatal(err)
		}
		c.Print(c.Tag(), " OK ", c.Name(), " completed\r\n")
	}
}

func BenchmarkNOOP(b *testing.B) {
	benchmarkCommand(b, "a001 NOOP\r\n", (*Conn).EOL)
}

// BenchmarkUIDSet reads a UID set of 4.2 KB.
func BenchmarkUIDSet(b *testing.B) {
	var uids []uint32
	for i := uint32(100000); len(AppendSet(nil, uids)) < 4200; i += 3 {
		uids = append(uids, i)
	}
	text := "a001 FETCH " + string(AppendSet(nil, uids)) + "\r\n"
	b.SetBytes(int64(len(text)))
	benchmarkCommand(b, text, func(c *Conn) error {
		if _, err := argument(c, c.Set); err != nil {
			return err
		}
		return c.EOL()
	})
}

func BenchmarkLogin(b *testing.B) {
	benchmarkCommand(b, "a001 LOGIN \"someone@example.org\" {6+}\r\nsecret\r\n", func(c *Conn) error {
		if _, err := argument(c, c.AString); err != nil {
			return err
		}
		if _, err := argument(c, c.AString); err != nil {
			return err
		}
		return c.EOL()
	})
}

// BenchmarkRoundTrip is a NOOP over loopback, answered before the next is sent.
func BenchmarkRoundTrip(b *testing.B) {
	c, client := pipe(b)
	c.SetLimits(PostAuth(1 << 30))
	c.SetTimeouts(time.Hour, time.Hour)
	go run(c, sampleCommands)
	buf := make([]byte, 64)
	for b.Loop() {
		io.WriteString(client, "a001 NOOP\r\n")
		if _, err := client.Read(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendLiteral(b *testing.B) {
	text := "a001 APPEND {65536+}\r\n" + string(make([]byte, 65536)) + "\r\n"
	b.SetBytes(int64(len(text)))
	buf := make([]byte, 32<<10)
	benchmarkCommand(b, text, func(c *Conn) error {
		l, err := argument(c, c.Literal)
		if err != nil {
			return err
		}
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, l, buf); err != nil {
			return err
		}
		return c.EOL()
	})
}

func BenchmarkAppendMailbox(b *testing.B) {
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		_ = AppendMailbox(dst, "Entwürfe/日本語")
	}
}

func BenchmarkAppendString(b *testing.B) {
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		_ = AppendString(dst, "The quick brown fox jumps over the lazy \"dog\"")
	}
}

func BenchmarkInternalDate(b *testing.B) {
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		_ = AppendInternalDate(dst, 1700000000)
	}
}
