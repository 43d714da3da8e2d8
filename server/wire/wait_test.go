package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestIdle(t *testing.T) {
	tests := []struct {
		name, send string
		want       []string
	}{
		{"alone", "a IDLE\r\nDONE\r\n", []string{"+ idling", "a OK"}},
		{"with the next commands", "a IDLE\r\nDONE\r\nb NOOP\r\nc NOOP\r\n", []string{"+ idling", "a OK", "b OK", "c OK"}},
		{"two in one packet", "a IDLE\r\ndone\nb IDLE\r\nDONE\r\n", []string{"+ idling", "a OK", "+ idling", "b OK"}},
		{"something else", "a IDLE\r\nb NOOP\r\n", []string{"+ idling", "a BAD expected DONE"}},
		{"too long", "a IDLE\r\nDONEDONEDONE {5+}\r\n", []string{"+ idling", "a BAD command is too long"}},
		{"very long", "a IDLE\r\n" + strings.Repeat("x", 1<<20) + "\r\n", []string{"+ idling", "a BAD command is too long"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, nil)
			p.send(test.send)
			p.expect(test.want...)
			p.lockstep()
		})
	}
}

func TestInterrupt(t *testing.T) {
	for _, secure := range []bool{false, true} {
		p := serve(t, nil)
		if secure {
			p.send("a STARTTLS\r\n")
			p.expect("a OK")
			p.secure()
		}
		p.frame.Interrupt() // before anybody waits
		p.send("b IDLE\r\n")
		p.expect("+ idling", "* news")
		p.frame.Interrupt()
		p.expect("* news")
		p.send("DO")
		p.frame.Interrupt()
		p.send("NE\r\nc IDLE\r\n")
		for line := ""; !strings.HasPrefix(line, "c OK"); {
			var err error
			if line, err = p.r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, "+ idling") {
				p.send("DONE\r\n")
			}
		}
		p.lockstep()
	}
}

// TestInterruptRace lets interrupts, input and the ends of IDLE meet in every order: nothing may be lost, in TLS least of
// all, where a read is given up in the middle of a record.
func TestInterruptRace(t *testing.T) {
	for _, implicit := range []*tls.Config{nil, serverTLS()} {
		p := serveOn(t, postAuth, implicit)
		if implicit != nil {
			p.secure()
		}
		stop := make(chan struct{})
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
					p.frame.Interrupt()
					runtime.Gosched()
				}
			}
		}()
		go func() {
			for range 300 {
				io.WriteString(p, "a IDLE\r\nDO")
				io.WriteString(p, "NE\r\nb APPEND {4096+}\r\n"+strings.Repeat("x", 4096)+"\r\n")
			}
		}()
		for answers := 0; answers < 600; {
			line, err := p.r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, "a ") || strings.HasPrefix(line, "b ") {
				answers++
				if !strings.Contains(line, " OK ") {
					t.Fatal(line)
				}
			}
		}
		close(stop)
		<-stopped
		p.lockstep()
	}
}

func TestShutdown(t *testing.T) {
	for _, idling := range []bool{false, true} {
		p := serve(t, nil)
		p.lockstep()
		if idling {
			p.send("a IDLE\r\n")
			p.expect("+ idling")
		}
		p.frame.Shutdown("Going down")
		p.frame.Shutdown("twice")
		p.expect("* BYE Going down")
		p.expectEnd()
		<-p.done
		if err := p.frame.Err(); err != nil {
			t.Errorf("cause is %v", err)
		}
	}
}

func TestWaitTimeout(t *testing.T) {
	c, client := pipe(t)
	c.Print("before\r\n")
	event, err := c.Wait(time.Now().Add(time.Millisecond))
	if event != Timeout || err != nil {
		t.Fatalf("got %v, %v", event, err)
	}
	if line, err := readLine(client); line != "before\r\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	io.WriteString(client, "x")
	if event, err := c.Wait(time.Time{}); event != Input || err != nil {
		t.Fatalf("got %v, %v", event, err)
	}
	if event, err := c.Wait(time.Time{}); event != Input || err != nil {
		t.Fatalf("got %v, %v; the input was not read", event, err)
	}
	client.Close()
	if _, err := c.Line(10); err != io.EOF {
		t.Fatalf("got %v", err)
	}
}

// TestStuckClient does not read: the write deadline must end it, and the handler must learn of it.
func TestStuckClient(t *testing.T) {
	for _, implicit := range []*tls.Config{nil, serverTLS()} {
		p := serveOn(t, func(c *Conn) {
			postAuth(c)
			c.SetTimeouts(patience, 50*time.Millisecond)
		}, implicit)
		if implicit != nil {
			p.secure()
		}
		p.send("a BIG 1000000\r\n")
		<-p.done
		var timeout net.Error
		if err := p.frame.Err(); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("ended by %v", err)
		}
	}
}

// TestSlowClient reads a large answer slowly, longer in all than the write timeout.
func TestSlowClient(t *testing.T) {
	p := serve(t, func(c *Conn) {
		postAuth(c)
		c.SetTimeouts(patience, time.Second)
	})
	p.send("a BIG 20000\r\n")
	buf := make([]byte, 64<<10)
	for n := 0; n < 20000*1024; {
		m, err := p.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
}

// TestGoneClient must not look like an error of ours.
func TestGoneClient(t *testing.T) {
	p := serve(t, nil)
	p.lockstep()
	p.Close()
	<-p.done
	if err := p.frame.Err(); err != nil {
		t.Errorf("cause is %v", err)
	}
}

// TestIdleBetweenCommands waits longer than a connection keeps its buffers.
func TestIdleBetweenCommands(t *testing.T) {
	for _, implicit := range []*tls.Config{nil, serverTLS()} {
		p := serveOn(t, func(c *Conn) { c.patience = time.Microsecond }, implicit)
		if implicit != nil {
			p.secure()
		}
		for range 50 {
			p.lockstep()
			p.send("a LOGIN {1+}\r\nx y\r\nb NOOP\r\n")
			p.expect("* \"x\" \"y\"", "a OK", "b OK")
		}
		p.frame.Shutdown("Going down")
		p.expect("* BYE Going down")
		p.expectEnd()
	}
}
