package wire

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// recorder is a Tap that keeps all it is told.
type recorder struct {
	changes atomic.Uint64

	mu             sync.Mutex
	client, server strings.Builder
	begun          []int // how much the client had said
	literal        int
	ended          bool
}

func (r *recorder) listen(c *Conn) {
	r.changes.Add(1)
	c.SetTaps(&r.changes, func() Tap { return r })
}

func (r *recorder) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = append(r.begun, r.client.Len())
}

func (r *recorder) Client(b []byte, literal bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client.Write(b)
	if literal {
		r.literal += len(b)
	}
}

func (r *recorder) Server(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.server.Write(b)
}

func (r *recorder) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

// check compares what was heard with all that the client has said, and the end of what it was told.
func (r *recorder) check(t *testing.T, client, server string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if got := r.client.String(); got != client {
		t.Errorf("heard %d bytes %.100q, want %d bytes %.100q", len(got), got, len(client), client)
	}
	if got := r.server.String(); !strings.HasSuffix(got, server) {
		t.Errorf("told %.100q, want %q at its end", got, server)
	}
	for _, at := range r.begun {
		if at > 0 && client[at-1] != '\n' {
			t.Errorf("a command begins at %d of %.100q", at, client)
		}
	}
}

// TestTapLiterals: what is of a literal is told apart, whether a handler reads it or not.
func TestTapLiterals(t *testing.T) {
	var r recorder
	p := serve(t, r.listen)
	said := "a LOGIN {2+}\r\nme ~{3+}\r\nabc\r\nb XYZZY {4+}\r\nwxyz\r\n"
	p.send(said)
	p.expect("* ", "a OK", "b BAD")
	p.lockstep()
	r.check(t, said+"step NOOP\r\n", "step OK NOOP completed\r\n")
	p.Close()
	<-p.done
	if r.literal != 9 || len(r.begun) != 3 || !r.ended {
		t.Errorf("%d bytes of literals, %d commands, ended: %t", r.literal, len(r.begun), r.ended)
	}
}

// TestTapChanges: who listens is asked for when that may have changed, between two commands, and not otherwise.
func TestTapChanges(t *testing.T) {
	var changes atomic.Uint64
	var r recorder
	var listener Tap
	asked := 0
	p := serve(t, func(c *Conn) {
		c.SetTaps(&changes, func() Tap {
			asked++
			return listener
		})
	})
	p.lockstep()
	listener = &r
	changes.Add(1)
	p.lockstep()
	p.lockstep()
	r.check(t, "step NOOP\r\nstep NOOP\r\n", "step OK NOOP completed\r\n")
	listener = nil
	changes.Add(1)
	p.lockstep()
	p.Close()
	<-p.done
	if len(r.begun) != 2 || asked != 2 || r.ended {
		t.Errorf("%d commands, asked %d times, ended: %t", len(r.begun), asked, r.ended)
	}
}

// TestTapInterrupted: who has begun to listen when a wait ends before it has begun hears what is said on that account.
func TestTapInterrupted(t *testing.T) {
	sock, client := loopback(t)
	defer client.Close()
	c := NewConn(sock)
	defer c.Close()
	var r recorder
	r.listen(c)
	c.Interrupt()
	if event, err := c.Wait(time.Now().Add(patience)); event != Interrupted || err != nil {
		t.Fatal(event, err)
	}
	c.SetOut([]byte("* 1 EXISTS\r\n"))
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	r.check(t, "", "* 1 EXISTS\r\n")
}

// BenchmarkTake is what reading a token costs when nobody listens.
func BenchmarkTake(b *testing.B) {
	c := &Conn{in: new(inBuffer)}
	b.ReportAllocs()
	for b.Loop() {
		c.r, c.w, c.left = 0, inSize, inSize
		for range 100 {
			c.take(4)
		}
	}
}
