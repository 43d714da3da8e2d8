package wire

import (
	"crypto/tls"
	"io"
	"strings"
	"testing"
	"time"
)

func TestStartTLS(t *testing.T) {
	p := serve(t, nil)
	if p.frame.TLS() != nil {
		t.Error("a plain connection has a TLS state")
	}
	// What an attacker injects in the clear must never be executed.
	p.send("a STARTTLS\r\nb LOGIN evil evil\r\nc LOGOUT\r\n")
	p.expect("a OK begin")
	p.secure()
	p.send("d LOGIN me {2}\r\n")
	p.expect("+ OK\r\n")
	p.send("pw\r\ne LOGOUT\r\n")
	p.expect("* \"me\" \"pw\"", "d OK", "* BYE", "e OK")
	p.expectEnd() // io.EOF, not io.ErrUnexpectedEOF: close_notify came
	<-p.done
	if state := p.frame.TLS(); state == nil || !state.HandshakeComplete {
		t.Errorf("state is %v", state)
	}
}

func TestImplicitTLS(t *testing.T) {
	p := serveOn(t, nil, serverTLS())
	p.secure()
	p.send(strings.Repeat("a NOOP\r\n", 50))
	for range 50 {
		p.expect("a OK")
	}
	p.send("b LOGOUT\r\n")
	p.expect("* BYE", "b OK")
	p.expectEnd()
}

func TestHandshakeFails(t *testing.T) {
	for _, implicit := range []*tls.Config{nil, serverTLS()} {
		p := serveOn(t, nil, implicit)
		p.send("a STARTTLS\r\n")
		if implicit == nil {
			p.expect("a OK begin")
			p.send("this is not TLS\r\n")
		}
		io.Copy(io.Discard, p.r)
		<-p.done
		if err := p.frame.Err(); err == nil || !strings.Contains(err.Error(), "TLS handshake") {
			t.Errorf("ended by %v", err)
		}
	}
}

func TestHandshakeTimeout(t *testing.T) {
	c, client := pipe(t)
	if err := c.StartTLS(serverTLS(), time.Millisecond); err == nil {
		t.Error("a handshake with a silent client succeeded")
	}
	c.Print("in the clear\r\n")
	if c.Flush() == nil {
		t.Error("output goes out after a failed handshake")
	}
	c.Close()
	if b, _ := io.ReadAll(client); strings.Contains(string(b), "clear") {
		t.Errorf("client got %q", b)
	}
}
