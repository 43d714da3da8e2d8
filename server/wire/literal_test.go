package wire

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

func TestSynchronisingLiterals(t *testing.T) {
	p := serve(t, nil)
	p.send("a LOGIN {3}\r\n")
	p.expect("+ OK\r\n") // the space is what some clients look for
	p.send("us")
	p.send("r {2}\r\n")
	p.expect("+ OK\r\n")
	p.send("\"\r")
	p.send("\nb LOGIN {0}\r\n")
	p.expect("* \"usr\" \"\\\"\\r\"", "a OK", "+ OK\r\n")
	p.send(" x\r\n")
	p.expect("* \"\" \"x\"", "b OK")
	p.lockstep()
}

// TestRefusedLiteral must leave the client, which was never asked to send it, in step.
func TestRefusedLiteral(t *testing.T) {
	p := serve(t, nil)
	p.send("a LOGIN {5000}\r\n")
	p.expect("a BAD [TOOBIG]")
	p.lockstep()
	p.send("b LOGIN x y z {5}\r\n")
	p.expect("* \"x\" \"y\"", "b BAD")
	p.lockstep()
}

func TestStreamedLiteral(t *testing.T) {
	p := serve(t, postAuth)
	const size = 20 << 20
	go func() {
		fmt.Fprintf(p, "a APPEND {%d+}\r\n", size)
		io.Copy(p, bytes.NewReader(make([]byte, size)))
		fmt.Fprintf(p, "\r\nb NOOP\r\n")
	}()
	p.expect(fmt.Sprintf("* %d bytes", size), "a OK", "b OK")
}

// TestLiteralReader reads literals as handlers may: in part, not at all, and one after the other.
func TestLiteralReader(t *testing.T) {
	c := scripted("a X {5+}\r\nhello {6+}\r\nworld! ~{3+}\r\n\x00\x01\x02 {4}\r\nsync\r\n")
	begin(t, c)
	var got [][]byte
	for _, read := range []int{5, 2, 0} {
		l, err := argument(c, c.Literal)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, read)
		if _, err := io.ReadFull(l, b); err != nil {
			t.Fatal(err)
		}
		got = append(got, b)
	}
	if !bytes.Equal(got[0], []byte("hello")) || !bytes.Equal(got[1], []byte("wo")) || !c.lit.Binary {
		t.Fatalf("got %q, %+v", got, c.lit)
	}
	l, err := argument(c, c.Literal)
	if err != nil || !l.Sync || l.Size != 4 || l.Binary {
		t.Fatalf("got %+v, %v", l, err)
	}
	if len(c.Out()) > 0 {
		t.Fatalf("asked before anybody reads: %q", c.Out())
	}
	if err := c.SP(); !isSyntax(err) {
		t.Fatalf("got %v", err)
	}
	b, err := io.ReadAll(l)
	if string(b) != "sync" || err != nil || string(c.Out()) != "+ OK\r\n" {
		t.Fatalf("got %q, %v, %q", b, err, c.Out())
	}
	if n, err := l.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Fatalf("after the end: %v, %v", n, err)
	}
	if err := c.EOL(); err != nil {
		t.Fatal(err)
	}
}

func TestLiteralCutShort(t *testing.T) {
	c := scripted("a X {5+}\r\nhel")
	begin(t, c)
	l, err := argument(c, c.Literal)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(l); string(b) != "hel" || err != io.ErrUnexpectedEOF {
		t.Fatalf("got %q, %v", b, err)
	}
}

// TestNothingIsAllocatedForPromises checks that sizes cost nothing until the bytes are there.
func TestNothingIsAllocatedForPromises(t *testing.T) {
	cost := testing.AllocsPerRun(10, func() {
		c := scripted("a LOGIN {4294967295}\r\n")
		if _, err := c.Face().Read(make([]byte, 64)); err != nil {
			t.Fatal(err)
		}
		if _, err := argument(c, c.AString); err != errTooBig {
			t.Fatal(err)
		}
	})
	if cost > 20 {
		t.Errorf("%v allocations", cost)
	}
}
