package wire

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// stalled is a client that sends something and then nothing more, and whose reads are not looked at.
type stalled struct {
	script
	empty, done chan struct{} // closed when all was read, and to end the connection
}

func (s *stalled) Read(p []byte) (int, error) {
	if n, err := s.Reader.Read(p); err == nil {
		return n, nil
	}
	close(s.empty)
	<-s.done
	return 0, net.ErrClosed
}

func (s *stalled) Write(p []byte) (int, error) { return len(p), nil }

// TestCostBeforeLogin counts the bytes that a client without a password can make the frame hold.
func TestCostBeforeLogin(t *testing.T) {
	for _, text := range []string{
		"a LOGIN " + strings.Repeat("x", 8000),
		"a LOGIN \"" + strings.Repeat("x", 8000),
		"a LOGIN \"" + strings.Repeat("\\\"", 4000),
		"a LOGIN {4000+}\r\n" + strings.Repeat("x", 3999),
		"a LOGIN {4000+}\r\n" + strings.Repeat("x", 4000) + " " + strings.Repeat("x", 3900),
		"a TREE " + strings.Repeat("(", 60) + strings.Repeat("x", 7900),
		"a XYZZY " + strings.Repeat("x", 1<<20),
		strings.Repeat("a NOOP\r\n", 900) + "a",
	} {
		const conns = 30
		clients := make([]*stalled, conns)
		before := liveHeap()
		for i := range clients {
			clients[i] = &stalled{script: script{Reader: strings.NewReader(text)}, empty: make(chan struct{}), done: make(chan struct{})}
			go run(NewConn(clients[i]), sampleCommands)
			<-clients[i].empty
		}
		each := int64(liveHeap()-before) / conns
		t.Logf("%6d bytes: %.20q", each, text)
		if each > 20<<10 {
			t.Errorf("a connection that sends %.20q holds %d bytes", text, each)
		}
		for _, client := range clients {
			close(client.done)
		}
	}
}

// TestWaitingCost counts the bytes that connections hold while they wait in IDLE, client's side and goroutine excluded.
func TestWaitingCost(t *testing.T) {
	const conns = 200
	frames := make([]*Conn, conns)
	clients := make([]net.Conn, conns)
	before := liveHeap()
	for i := range frames {
		frames[i], clients[i] = pipe(t)
	}
	sockets := liveHeap()
	for i, c := range frames {
		face := c.Face()
		io.WriteString(clients[i], "a IDLE\r\n")
		if _, err := face.Read(make([]byte, 4096)); err != nil {
			t.Fatal(err)
		}
		c.Print(strings.Repeat("x", 100<<10))
		go io.CopyN(io.Discard, clients[i], 100<<10)
		if err := c.EOL(); err != nil {
			t.Fatal(err)
		}
		if event, err := c.Wait(time.Now()); event != Timeout {
			t.Fatal(event, err)
		}
	}
	waiting := liveHeap()
	t.Logf("%d bytes a connection with its sockets, and %d more once it waits", (sockets-before)/conns, int64(waiting-sockets)/conns)
	if each := (waiting - before) / conns; each > 4<<10 {
		t.Errorf("a waiting connection holds %d bytes", each)
	}
	runtime.KeepAlive(frames)
	runtime.KeepAlive(clients)
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
