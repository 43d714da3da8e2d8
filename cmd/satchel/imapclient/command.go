package imapclient

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// untagged takes an untagged response: the reader stands behind its name, n is the number before it if there is one. It
// reports whether it knows the response; then it has read it to the end of the line.
type untagged func(name string, n uint32) bool

// command sends a command and reads what comes until it is done. The parts are sent as they are, with blanks between. A
// command that failed is a StatusError.
func (c *Client) command(u untagged, parts ...string) error {
	c.tags++
	tag := "a" + strconv.Itoa(c.tags)
	c.out.WriteString(tag + " " + strings.Join(parts, " ") + "\r\n")
	if err := c.out.Flush(); err != nil {
		return c.lost(err)
	}
	return c.wait(tag, u)
}

// Refused reports that a command failed, and that the connection is good for others.
func (c *Client) Refused(err error) bool {
	var no *StatusError
	return c.err == nil && errors.As(err, &no)
}

// wait reads responses until the one that ends a command.
func (c *Client) wait(tag string, u untagged) error {
	for n := 0; ; n++ {
		if n > 2*maxMessages {
			return c.trouble("answers without an end")
		}
		st, mine := c.response(tag, u)
		switch {
		case c.err != nil:
			return c.lost(c.err)
		case mine && st.Name == "OK":
			return nil
		case mine:
			return &StatusError{st}
		}
	}
}

// lost explains why the connection is of no more use: the server may have said so.
func (c *Client) lost(err error) error {
	if c.err == nil {
		c.err = err
	}
	if c.bye.Name != "" && !errors.Is(c.err, ErrProtocol) {
		return &StatusError{c.bye}
	}
	return c.err
}

// response reads one response and reports whether it is the one that ends the command with the tag.
func (c *Client) response(tag string, u untagged) (st Status, mine bool) {
	c.begin()
	switch first := c.word(); first {
	case "*":
		c.space()
		c.data(u)
	case "+":
		c.space()
		if u == nil || !u("+", 0) {
			c.line()
		}
	case tag:
		c.space()
		switch st = c.status(strings.ToUpper(c.word())); st.Name {
		case "OK", "NO", "BAD":
			c.takeCapabilities(st)
		default:
			c.trouble("a command ends without OK, NO or BAD")
		}
		return st, true
	default:
		c.trouble(fmt.Sprintf("a line begins with %.20q", Printable(first)))
	}
	return st, false
}

// data reads an untagged response.
func (c *Client) data(u untagged) {
	n := uint32(0)
	if b := c.peek(); b >= '0' && b <= '9' {
		n = c.number32()
		c.space()
	}
	name := strings.ToUpper(c.word())
	c.space()
	switch name {
	case "EXISTS":
		c.exists = n
	case "EXPUNGE":
		c.exists = max(c.exists, 1) - 1
	case "BYE":
		c.bye = c.status(name)
		return
	}
	if u != nil && u(name, n) {
		return
	}
	switch name {
	case "OK", "NO", "BAD":
		c.status(name)
	default:
		c.eol()
	}
}

// status reads what follows the name of a status response.
func (c *Client) status(name string) Status {
	c.space()
	st := Status{Name: name, Text: c.line()}
	if strings.HasPrefix(st.Text, "[") {
		if code, text, ok := strings.Cut(st.Text[1:], "]"); ok {
			st.Code, st.Args, _ = strings.Cut(code, " ")
			st.Code, st.Text = strings.ToUpper(st.Code), text
		}
	}
	st.Text = Printable(strings.TrimSpace(st.Text))
	return st
}
