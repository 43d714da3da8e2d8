package accept

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// echo sends back what it gets, until the connection ends.
func echo(_ context.Context, c net.Conn) { io.Copy(c, c) }

func serve(t *testing.T, s *Server, l net.Listener) (ended chan error) {
	t.Helper()
	ended = make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	return ended
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func dial(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// hears reports whether the connection answers.
func hears(c net.Conn) bool {
	c.Write([]byte("x"))
	_, err := c.Read(make([]byte, 1))
	return err == nil
}

func TestLimit(t *testing.T) {
	s, l := New("test", 1, slog.New(slog.DiscardHandler), echo), listen(t)
	ended := serve(t, s, l)
	first := dial(t, l)
	if !hears(first) {
		t.Fatal("the first connection is not served")
	}
	if hears(dial(t, l)) {
		t.Error("a connection beyond the limit is served")
	}
	first.(*net.TCPConn).CloseWrite()
	first.Read(make([]byte, 1)) // the server has closed it
	if !hears(dial(t, l)) {
		t.Error("the place of a connection that ended stays taken")
	}
	s.Shutdown(context.Background())
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestShutdown: the handler's context ends, its connection too, and Shutdown waits for it.
func TestShutdown(t *testing.T) {
	begun, over := make(chan struct{}), false
	s, l := New("test", 9, slog.New(slog.DiscardHandler), func(ctx context.Context, c net.Conn) {
		close(begun)
		<-ctx.Done()
		c.Read(make([]byte, 1))
		over = true
	}), listen(t)
	ended := serve(t, s, l)
	c := dial(t, l)
	<-begun
	s.Shutdown(context.Background())
	if !over {
		t.Error("the handler still runs")
	}
	if hears(c) {
		t.Error("the connection is open")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := s.Serve(listen(t)); err != nil {
		t.Errorf("Serve after Shutdown: %v", err)
	}
}

// TestPatient: what is being done when the server stops is finished, unless that takes longer than Shutdown may.
func TestPatient(t *testing.T) {
	for _, hurried := range []bool{false, true} {
		begun, stopping, over := make(chan struct{}), make(chan struct{}), false
		s, l := New("test", 9, slog.New(slog.DiscardHandler), func(ctx context.Context, c net.Conn) {
			close(begun)
			<-ctx.Done()
			close(stopping)
			io.Copy(c, c)
			over = true
		}), listen(t)
		s.Patient = true
		ended := serve(t, s, l)
		c := dial(t, l)
		<-begun
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() { s.Shutdown(ctx); close(stopped) }()
		<-stopping
		if !hears(c) {
			t.Error("the connection is cut at once")
		}
		if hurried {
			cancel()
		} else {
			c.(*net.TCPConn).CloseWrite()
		}
		<-stopped
		cancel()
		if !over {
			t.Error("the handler still runs")
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// scripted is a listener whose Accept fails as told.
type scripted struct {
	net.Listener
	errs []error
}

func (l *scripted) Accept() (net.Conn, error) {
	err := l.errs[0]
	l.errs = l.errs[1:]
	return nil, err
}

func TestAcceptErrors(t *testing.T) {
	s, dead := New("test", 9, slog.New(slog.DiscardHandler), echo), errors.New("dead")
	l := &scripted{listen(t), []error{os.NewSyscallError("accept", syscall.EMFILE), syscall.ECONNABORTED, dead}}
	if err := s.Serve(l); !errors.Is(err, dead) {
		t.Errorf("Serve = %v, want the error that does not pass", err)
	}
	l.Close()
}
