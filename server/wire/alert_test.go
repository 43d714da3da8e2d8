package wire

import (
	"crypto/tls"
	"testing"
	"time"
)

// alerting makes a connection write news when it is interrupted, command or not.
func alerting(c *Conn) {
	postAuth(c)
	c.SetAlert(func() { c.Print("* alert\r\n") })
}

// TestAlert: what an interrupt brings is written while the client says nothing, with
// and without buffers held, and the commands that follow are read as ever.
func TestAlert(t *testing.T) {
	for _, implicit := range []*tls.Config{nil, serverTLS()} {
		p := serveOn(t, func(c *Conn) {
			alerting(c)
			c.patience = time.Millisecond
		}, implicit)
		if implicit != nil {
			p.secure()
		}
		for range 50 {
			p.frame.Interrupt()
			p.expect("* alert")
			p.send("a NOOP\r\n")
			p.expect("a OK")
		}
		p.frame.Interrupt()
		p.frame.Interrupt() // while the first is being told, or not: no line is cut, none is lost
		p.send("b NOOP\r\n")
		for line := ""; line != "b OK NOOP completed\r\n"; {
			var err error
			if line, err = p.r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAlertBye: an alert may end the connection.
func TestAlertBye(t *testing.T) {
	p := serve(t, func(c *Conn) {
		postAuth(c)
		c.SetAlert(func() { c.Bye("Gone") })
	})
	p.lockstep()
	p.frame.Interrupt()
	p.expect("* BYE Gone")
	p.expectEnd()
}

// TestAlertAutologout: alerts do not keep a silent client logged in.
func TestAlertAutologout(t *testing.T) {
	p := serve(t, func(c *Conn) {
		alerting(c)
		c.SetTimeouts(300*time.Millisecond, patience)
	})
	stop := make(chan struct{})
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				p.frame.Interrupt()
			}
		}
	}()
	defer close(stop)
	for {
		line, err := p.r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line != "* alert\r\n" {
			if line != "* BYE Connection was idle for too long\r\n" {
				t.Errorf("got %q", line)
			}
			return
		}
	}
}
