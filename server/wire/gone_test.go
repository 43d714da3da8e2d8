package wire

import (
	"bufio"
	"compress/flate"
	"crypto/tls"
	"net"
	"testing"
	"time"
)

// TestGone: a command that takes long ends when its client has left, and what the client
// sends meanwhile is not lost.
func TestGone(t *testing.T) {
	for name, connect := range map[string]func(*testing.T) *peer{
		"plain": func(t *testing.T) *peer { return serve(t, nil) },
		"TLS": func(t *testing.T) *peer {
			p := serveOn(t, nil, serverTLS())
			p.secure()
			return p
		},
		"COMPRESS": func(t *testing.T) *peer {
			p := serve(t, nil)
			p.send("z COMPRESS\r\n")
			p.expect("z OK")
			w, err := flate.NewWriter(p.Conn, flate.BestSpeed)
			if err != nil {
				t.Fatal(err)
			}
			p.Conn, p.r = flushing{p.Conn, w}, bufio.NewReader(flate.NewReader(p.r))
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := connect(t)
			p.send("a WORK\r\n")
			p.expect("* working")
			p.send("b NOOP\r\n")
			p.expect("a OK", "b OK")
			p.send("c WORK\r\nd NOOP\r\n")
			p.expect("* working", "c OK", "d OK")
			p.send("e WORK\r\n")
			p.expect("* working")
			p.Close()
			select {
			case <-p.done:
			case <-time.After(patience):
				t.Error("it works on for nobody")
			}
		})
	}
}

// TestGoneHalf: a client that has said all it has to say, and closed its side, gets its answers.
func TestGoneHalf(t *testing.T) {
	for _, implicit := range []*tls.Config{nil, serverTLS()} {
		p := serveOn(t, nil, implicit)
		if implicit != nil {
			p.secure()
		}
		p.send("a WORK\r\nb NOOP\r\n")
		if err := p.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		p.expect("* working", "a OK", "b OK")
	}
}

// TestGoneReset: a connection that was reset is at an end.
func TestGoneReset(t *testing.T) {
	p := serve(t, nil)
	p.send("a WORK\r\n")
	p.expect("* working")
	p.Conn.(*net.TCPConn).SetLinger(0)
	p.Close()
	<-p.done
}

// flushing is a connection on which the client compresses, with a flush after every write.
type flushing struct {
	net.Conn
	w *flate.Writer
}

func (f flushing) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	if err != nil {
		return n, err
	}
	return n, f.w.Flush()
}
