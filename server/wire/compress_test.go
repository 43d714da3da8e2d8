package wire

import (
	"bufio"
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// squeezed is the client's side of a compressed connection: Z_SYNC_FLUSH after every Write, as Go's package does it.
type squeezed struct {
	net.Conn
	io.Reader
	w *flate.Writer
}

func (s *squeezed) Read(p []byte) (int, error) { return s.Reader.Read(p) }

func (s *squeezed) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		return n, err
	}
	return n, s.w.Flush()
}

// squeeze makes a connection compressed.
func squeeze(c net.Conn) net.Conn {
	w, _ := flate.NewWriter(c, 6)
	return &squeezed{c, flate.NewReader(c), w}
}

// deflated is what a client sends that compresses pieces, with a flush after each.
func deflated(level int, pieces ...string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, level)
	for s := (&squeezed{w: w}); len(pieces) > 0; pieces = pieces[1:] {
		io.WriteString(s, pieces[0])
	}
	return b.String()
}

// compress has both sides compress.
func (p *peer) compress() {
	p.t.Helper()
	p.send("z COMPRESS\r\n")
	p.expect("z OK")
	p.Conn = squeeze(p.Conn)
	p.r = bufio.NewReader(p.Conn)
}

func TestCompress(t *testing.T) {
	for _, secure := range []bool{false, true} {
		p := serve(t, nil)
		if secure {
			p.send("a STARTTLS\r\n")
			p.expect("a OK")
			p.secure()
		}
		p.compress()
		p.send("b LOGIN {2}\r\n")
		p.expect("+ OK")
		p.send("me {4+}\r\n\x00\x01pw\r\n")
		p.expect(`* "me" "\x00\x01pw"`, "b OK")
		p.send(strings.Repeat("c NOOP\r\n", 500))
		for range 500 {
			p.expect("c OK")
		}
		if secure && p.frame.TLS() == nil {
			t.Error("TLS is no longer seen under the compression")
		}
		p.send("d LOGOUT\r\n")
		p.expect("* BYE", "d OK")
		<-p.done
	}
}

// TestCompressLarge sends much in both directions, compressible and not.
func TestCompressLarge(t *testing.T) {
	p := serve(t, postAuth)
	p.compress()
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	for _, text := range [][]byte{noise, bytes.Repeat([]byte("x"), 5<<20)} {
		p.send("a APPEND {" + strconv.Itoa(len(text)) + "+}\r\n" + string(text) + "\r\n")
		p.expect("* "+strconv.Itoa(len(text))+" bytes", "a OK")
	}
	p.send("b BIG 3000\r\n")
	for range 3000 {
		p.expect("xxxx")
	}
	p.expect("b OK")
	p.lockstep()
}

// TestCompressAtOnce: what came in one packet with the command is compressed, when it is; lines of text are not, and the
// client hears that it should have waited.
func TestCompressAtOnce(t *testing.T) {
	p := serve(t, nil)
	p.send("a COMPRESS\r\n" + deflated(6, "b NOOP\r\n"))
	p.expect("a OK")
	p.r = bufio.NewReader(flate.NewReader(p.r))
	p.expect("b OK")

	p = serve(t, nil)
	p.send("a COMPRESS\r\nb NOOP\r\n")
	p.expect("a BAD", "b OK")
	p.lockstep()
}

// TestCompressDamaged: a client that does not compress is told, and does not wait for ever.
func TestCompressDamaged(t *testing.T) {
	p := serve(t, nil)
	p.send("a COMPRESS\r\n")
	p.expect("a OK")
	p.send("n NOOP\r\nn NOOP\r\n")
	p.r = bufio.NewReader(flate.NewReader(p.r))
	p.expect("* BYE Compressed data is damaged")
	<-p.done
	if err := p.frame.Err(); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("ended by %v", err)
	}
}

// TestUncompress: RFC 8437, 4.1. The client ends its compressed stream with a flush or for good; what follows is plain,
// in the same packet too.
func TestUncompress(t *testing.T) {
	for _, end := range []string{"\x00\x00\x00\xff\xff", "\x03\x00"} {
		for _, apart := range []bool{false, true} {
			p := serve(t, nil)
			p.send("a COMPRESS\r\n")
			p.expect("a OK")
			plain := p.r
			p.r = bufio.NewReaderSize(flate.NewReader(plain), 16)
			last := strings.TrimSuffix(deflated(flate.NoCompression, "b UNCOMPRESS\r\n"), "\x00\x00\x00\xff\xff") + end
			next := "c NOOP\r\n"
			if apart {
				p.send(last)
				p.expect("b OK")
				p.send(next)
			} else {
				p.send(last + next)
				p.expect("b OK")
			}
			p.r = plain
			p.expect("c OK")
			p.lockstep()
			p.compress()
			p.lockstep()
		}
	}
}

// TestCompressFlood: a few kilobytes that stand for a command of many megabytes cost what those would: they are thrown
// away up to the limit, and then the connection ends.
func TestCompressFlood(t *testing.T) {
	p := serve(t, nil)
	p.send("a COMPRESS\r\n")
	p.expect("a OK")
	p.r = bufio.NewReader(flate.NewReader(p.r))
	p.send(deflated(9, "b LOGIN "+strings.Repeat("x", 7<<20)+"\r\nc NOOP\r\n", "d LOGIN "+strings.Repeat("x", 9<<20)))
	p.expect("b BAD", "c OK", "d BAD", "* BYE Too much data")
	<-p.done
}

// TestCompressIdle: interrupts, heartbeats and the end of IDLE come through.
func TestCompressIdle(t *testing.T) {
	for _, patience := range []time.Duration{defaultPatience, time.Millisecond} {
		p := serve(t, func(c *Conn) { c.patience = patience })
		p.compress()
		p.send("b IDLE\r\n")
		p.expect("+ idling")
		for range 3 {
			p.frame.Interrupt()
			p.expect("* news")
		}
		p.send("DO")
		p.send("NE\r\nc NOOP\r\n")
		p.expect("b OK", "c OK")
		p.lockstep()
		p.frame.Shutdown("bye now")
		p.expect("* BYE bye now")
	}
}

// TestCompressByteByByte sends every byte in a packet of its own.
func TestCompressByteByByte(t *testing.T) {
	p := serve(t, func(c *Conn) { c.patience = time.Millisecond })
	p.send("z COMPRESS\r\n")
	p.expect("z OK")
	p.r = bufio.NewReader(flate.NewReader(p.r))
	sent := deflated(6, "a NOOP\r\n", "b LOGIN me {2+}\r\npw\r\n", "c LOGOUT\r\n")
	p.Conn.(*net.TCPConn).SetNoDelay(true)
	for i := range len(sent) {
		p.send(sent[i : i+1])
		runtime.Gosched()
	}
	p.expect("a OK", `* "me" "pw"`, "b OK", "* BYE", "c OK")
}

// TestCompressCost counts what an idle connection holds more in the heap when it compresses and much went through it; its
// window is outside. The bound leaves room for what the connections share.
func TestCompressCost(t *testing.T) {
	const conns = 50
	limit := int64(16 << 10)
	if runtime.GOOS != "linux" {
		limit += 32 << 10 // the window is in the heap
	}
	cost := func(compress bool) int64 {
		var peers []*peer
		before := liveHeap()
		for range conns {
			p := serve(t, func(c *Conn) { postAuth(c); c.patience = time.Millisecond })
			if compress {
				p.send("z COMPRESS\r\n")
				p.expect("z OK")
				p.send(deflated(1, "a APPEND {70000+}\r\n"+strings.Repeat("0123456789", 7000)+"\r\nb BIG 20\r\nc IDLE\r\n"))
				in := flate.NewReader(p.r)
				for line := ""; line != "+ idling\r\n"; {
					line, _ = readLine(in)
				}
			} else {
				p.send("c IDLE\r\n")
				p.expect("+ idling")
			}
			p.r, p.Conn = nil, nil
			peers = append(peers, p)
		}
		each := int64(liveHeap()-before) / conns
		runtime.KeepAlive(peers)
		return each
	}
	plain := cost(false)
	if more := cost(true) - plain; more > limit {
		t.Errorf("%d bytes more than the %d without compression, at most %d", more, plain, limit)
	} else {
		t.Logf("%d bytes more than %d", more, plain)
	}
}
