package wire

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// conversation has something of everything.
const conversation = "a NOOP\r\nb LOGIN ~a {2+}\r\nxy\r\nc LOGIN \"\\\"\" ~{1}\r\nz\r\n* bad\r\nd TREE (a (b))\r\n" +
	"e APPEND {4+}\r\nwxyz\r\nf APPEND {13+}\r\n0123456789abc \r\ng IDLE\r\nDONE\r\nh XYZZY {3+}\r\nabc x\r\ni LOGOUT\r\n"

// TestCutAnywhere ends the input after every byte: the frame must end too, orderly, having answered what was whole.
func TestCutAnywhere(t *testing.T) {
	for i := range len(conversation) {
		s := &script{Reader: strings.NewReader(conversation[:i])}
		c := NewConn(s)
		run(c, sampleCommands)
		if c.Err() != nil || !c.Broken() {
			t.Errorf("after %q: %v", conversation[:i], c.Err())
		}
	}
}

// failing is a client that a write fails to reach after some bytes.
type failing struct {
	script
	left int
}

var errGone = errors.New("gone")

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errGone
	}
	return len(p), nil
}

// TestWriteFails at every byte: the connection ends, and says why.
func TestWriteFails(t *testing.T) {
	for i := range 100 {
		c := NewConn(&failing{script: script{Reader: &dribble{conversation}}, left: i})
		run(c, sampleCommands)
		if !errors.Is(c.Err(), errGone) || !c.Broken() {
			t.Errorf("after %d bytes: %v", i, c.Err())
		}
		if n, err := c.Write(make([]byte, 1<<20)); n != 0 || err == nil {
			t.Errorf("large write afterwards: %d, %v", n, err)
		}
		if err := c.Print("small"); err == nil {
			t.Error("small write afterwards succeeds")
		}
	}
}

// dribble gives up to 5 bytes a read, so that output is due often.
type dribble struct{ text string }

func (d *dribble) Read(p []byte) (int, error) {
	if d.text == "" {
		return 0, io.EOF
	}
	n := copy(p, d.text[:min(5, len(d.text))])
	d.text = d.text[n:]
	return n, nil
}

// TestReadFails after every byte: the connection ends, and says why.
func TestReadFails(t *testing.T) {
	for i := range len(conversation) {
		text := io.MultiReader(strings.NewReader(conversation[:i]), readFails{})
		c := NewConn(&script{Reader: text})
		run(c, sampleCommands)
		if !errors.Is(c.Err(), errGone) {
			t.Errorf("after %q: %v", conversation[:i], c.Err())
		}
	}
}

type readFails struct{}

func (readFails) Read([]byte) (int, error) { return 0, errGone }
