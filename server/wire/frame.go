package wire

import (
	"errors"
	"os"
	"time"

	"satchel/server/wire/inflate"
)

const (
	maxTag  = 128
	maxName = 32
)

// nextCommand ends the last command and reads the tag and the name of the next. What cannot be one is answered here.
func (c *Conn) nextCommand() error {
	if err := c.handshake(); err != nil {
		return err
	}
	until := c.deadline(time.Time{})
	for {
		if err := c.finish(); err != nil {
			return err
		}
		event, err := c.command(until)
		switch {
		case err != nil:
			return err
		case event == Timeout:
			return errIdle
		case event == Interrupted: // this does not put off the autologout
			c.alert()
			continue
		}
		until = c.deadline(time.Time{})
		if c.tap(); c.taps.now != nil {
			c.taps.now.Begin()
		}
		named, err := c.head()
		if err != nil {
			var syntax *SyntaxError
			if c.inErr != nil || !errors.As(err, &syntax) {
				return err
			}
			c.bad(syntax)
		} else if named {
			return nil
		}
	}
}

// head reads a tag and a command name. False with no error is an empty line.
func (c *Conn) head() (bool, error) {
	c.tag, c.name = "", ""
	c.left, c.literals, c.depth = c.limits.Line, c.limits.Literals, 0
	c.ended = false
	if c.atEOL() {
		return false, c.EOL()
	}
	tag, err := c.span(tagChar, maxTag)
	if err != nil && !isSyntax(err) {
		return false, err
	}
	if err != nil || len(tag) == 0 || c.Peek() != ' ' && !c.atEOL() {
		return false, &SyntaxError{Text: "invalid tag"}
	}
	c.tag = string(tag)
	if err := c.SP(); err != nil {
		return false, &SyntaxError{Text: "command is missing"}
	}
	name, err := c.Word()
	if err != nil || len(name) > maxName || name == "NIL" || c.Peek() != ' ' && !c.atEOL() {
		return false, orSyntax(err, "invalid command")
	}
	c.name = name
	return true, nil
}

// bad answers a command that the frame itself refuses.
func (c *Conn) bad(e *SyntaxError) {
	tag := c.tag
	if tag == "" {
		tag = "*"
	}
	c.Print(tag, " BAD ", e.Text, "\r\n")
	c.Fault()
}

// Fault notes that the command was answered BAD. Too many of them in a row end the connection, see Limits.Faults.
func (c *Conn) Fault() { c.fault = true }

// finish throws away what is left of the last command, and ends the connection if that was one too many.
func (c *Conn) finish() error {
	if err := c.drain(); err != nil {
		return err
	}
	c.lit = Literal{}
	c.countFault()
	if c.hangup {
		return errHangup
	}
	c.commands++
	if c.limits.Commands > 0 && c.commands > c.limits.Commands {
		c.Bye("Too many commands before login")
		return errHangup
	}
	return nil
}

func (c *Conn) countFault() {
	if !c.fault {
		if c.name != "" {
			c.faults = 0
		}
		return
	}
	c.fault = false
	c.faults++
	if c.limits.Faults > 0 && c.faults > c.limits.Faults && !c.hangup {
		c.Bye("Too many invalid commands")
	}
}

// Bye appends an untagged BYE and ends the connection after the command.
func (c *Conn) Bye(text string) {
	c.Print("* BYE ", text, "\r\n")
	c.Hangup()
}

// Hangup ends the connection after the command: when go-imap next reads, the output is written, TLS and TCP are closed
// in order, and go-imap sees the end of input. A LOGOUT handler calls it and leaves go-imap's state alone.
func (c *Conn) Hangup() { c.hangup = true }

// end says farewell as the reason demands, and remembers the reason unless it is an orderly one.
func (c *Conn) end(err error) {
	defer c.closeInflater()
	c.over.Store(true)
	if c.taps.now != nil {
		defer c.taps.now.End()
	}
	switch {
	case err == errHangup:
	case err == ErrShutdown:
		c.Print("* BYE ", c.Farewell(), "\r\n")
	case err == errIdle, errors.Is(err, os.ErrDeadlineExceeded) && c.outErr == nil && c.shaken:
		c.Print("* BYE Connection was idle for too long\r\n")
		c.cause = errIdle
	case errors.Is(err, inflate.ErrDamaged):
		c.Print("* BYE Compressed data is damaged\r\n")
		c.cause = err
	default:
		c.fail(err)
		return
	}
	c.linger()
	c.release()
}

// Farewell returns the text of Shutdown, "" before that. Any goroutine may call it.
func (c *Conn) Farewell() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wake.quit
}

func isSyntax(err error) bool {
	var e *SyntaxError
	return errors.As(err, &e)
}

// orSyntax is err when it is an I/O error, else a syntax error with the text.
func orSyntax(err error, text string) error {
	if err != nil && !isSyntax(err) {
		return err
	}
	return &SyntaxError{Text: text}
}
