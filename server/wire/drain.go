package wire

import (
	"bytes"
	"math"
)

// hugeLiteral stands for every literal size that does not fit.
const hugeLiteral = math.MaxInt64

// drain throws away what the handler left of the command, so that the next line is a command again. A synchronising
// literal that was not accepted ends the command: the client waits, and the tagged answer tells it not to send.
func (c *Conn) drain() error {
	budget := c.limits.Skip
	for {
		if c.lit.refused() {
			c.ended = true
		} else if err := c.skipLiteral(&budget); err != nil {
			return err
		}
		c.lit = Literal{}
		if c.ended {
			return nil
		}
		if err := c.skipLine(&budget); err != nil {
			return err
		}
	}
}

// flood ends a connection that sends more than is worth throwing away.
func (c *Conn) flood() error {
	c.Bye("Too much data")
	c.inErr = errHangup
	return errHangup
}

func (c *Conn) skipLiteral(budget *int64) error {
	*budget -= min(c.lit.left, hugeLiteral-1)
	if *budget < 0 {
		return c.flood()
	}
	for c.lit.left > 0 {
		if err := c.ready(); err != nil {
			return err
		}
		n := min(int64(c.w-c.r), c.lit.left)
		c.heard(c.in[c.r:c.r+int(n)], true)
		c.r += int(n)
		c.lit.left -= n
	}
	return nil
}

// skipLine throws the rest of a line away, and finds the literal it announces.
func (c *Conn) skipLine(budget *int64) error {
	tail := c.tail
	c.tail = literalTail{}
	for {
		if err := c.ready(); err != nil {
			return err
		}
		buf := c.in[c.r:c.w]
		end := bytes.IndexByte(buf, '\n')
		if end >= 0 {
			buf = buf[:end+1]
		}
		tail.feed(buf)
		c.heard(buf, false)
		c.r += len(buf)
		if *budget -= int64(len(buf)); *budget < 0 {
			return c.flood()
		}
		if end >= 0 {
			break
		}
	}
	if tail.closed() && tail.plus {
		c.lit = Literal{Size: tail.size, c: c, left: tail.size, open: true}
	} else {
		c.ended = true
	}
	return nil
}

// literalTail recognises "{n}" and "{n+}" at the end of a line that comes in pieces.
type literalTail struct {
	state tailState
	size  int64
	plus  bool
}

type tailState int

const (
	tailNone tailState = iota
	tailOpen
	tailDigits
	tailPlus
	tailClosed
	tailCR
)

// closed says whether only the line feed is missing.
func (t *literalTail) closed() bool { return t.state == tailClosed || t.state == tailCR }

// feed takes a piece of the line, with or without the line feed that ends it.
func (t *literalTail) feed(b []byte) {
	b = bytes.TrimSuffix(b, []byte("\n"))
	if i := bytes.LastIndexByte(b, '{'); i >= 0 {
		b = b[i:]
	}
	for _, x := range b {
		if t.step(x); t.state == tailNone {
			return
		}
	}
}

func (t *literalTail) step(x byte) {
	switch {
	case x == '{':
		*t = literalTail{state: tailOpen}
	case x >= '0' && x <= '9' && (t.state == tailOpen || t.state == tailDigits):
		t.state, t.size = tailDigits, addDigit(t.size, x)
	case x == '+' && t.state == tailDigits:
		t.state, t.plus = tailPlus, true
	case x == '}' && (t.state == tailDigits || t.state == tailPlus):
		t.state = tailClosed
	case x == '\r' && t.state == tailClosed:
		t.state = tailCR
	default:
		t.state = tailNone
	}
}

// addDigit is 10*n + digit, or hugeLiteral.
func addDigit(n int64, digit byte) int64 {
	if n > (hugeLiteral-9)/10 {
		return hugeLiteral
	}
	return 10*n + int64(digit-'0')
}
