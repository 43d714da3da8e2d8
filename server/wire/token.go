package wire

// Peek returns the next byte of the command without reading it: 0 at its end, and after an I/O error.
func (c *Conn) Peek() byte {
	if c.more() != nil {
		return 0
	}
	if b := c.in[c.r]; b != '\r' && b != '\n' {
		return b
	}
	return 0
}

// atEOL says whether an end of line comes next.
func (c *Conn) atEOL() bool {
	return c.more() == nil && (c.in[c.r] == '\r' || c.in[c.r] == '\n')
}

// Skip reads b if it comes next, and says whether it did.
func (c *Conn) Skip(b byte) bool {
	return b != 0 && c.Peek() == b && c.take(1) == nil
}

// ListFollows says whether a space and an opening parenthesis come next.
func (c *Conn) ListFollows() bool { return c.Peek() == ' ' && c.follows('(') }

// Expect reads b.
func (c *Conn) Expect(b byte) error {
	if c.Skip(b) {
		return nil
	}
	return c.trouble(errDelimiter)
}

// SP reads the one space between two arguments.
func (c *Conn) SP() error {
	if c.Skip(' ') {
		return nil
	}
	return c.trouble(errSpace)
}

// trouble explains why a token could not be read: the I/O error or the limit that was met, or else the mistake.
func (c *Conn) trouble(mistake *SyntaxError) error {
	switch {
	case c.inErr != nil:
		return c.inErr
	case c.left < 0:
		return errLine
	}
	return mistake
}

// EOL reads the end of the command. Spaces before it are forgiven, and so is a line feed alone.
func (c *Conn) EOL() error {
	for c.Skip(' ') {
	}
	if err := c.newline(); err != nil {
		return err
	}
	c.ended = true
	return nil
}

// newline reads CRLF or LF.
func (c *Conn) newline() error {
	if err := c.more(); err != nil {
		return err
	}
	if c.in[c.r] == '\r' {
		if err := c.take(1); err != nil {
			return err
		}
		if err := c.more(); err != nil {
			return err
		}
	}
	if c.in[c.r] != '\n' {
		return errTrailing
	}
	c.heard(c.in[c.r:c.r+1], false)
	c.r++
	return nil
}

// Atom reads an atom as it is, at least one byte.
func (c *Conn) Atom() (string, error) { return c.word(atomChar, errAtom) }

// Word reads a run of letters, digits, '-', '_' and '.' and returns it in upper case: the second word of UID, a FETCH
// item, a SEARCH key, NIL.
func (c *Conn) Word() (string, error) {
	b, err := c.span(wordChar, c.limits.Line)
	if err != nil {
		return "", err
	}
	if len(b) == 0 {
		return "", errAtom
	}
	return string(toUpper(b)), nil
}

func (c *Conn) word(class *class, mistake *SyntaxError) (string, error) {
	b, err := c.span(class, c.limits.Line)
	if err != nil {
		return "", err
	}
	if len(b) == 0 {
		return "", mistake
	}
	return string(b), nil
}

// toUpper changes ASCII letters in place.
func toUpper(b []byte) []byte {
	for i, x := range b {
		if x >= 'a' && x <= 'z' {
			b[i] = x - 'a' + 'A'
		}
	}
	return b
}

// List reads a parenthesised list, which may be empty, and calls each for every element.
func (c *Conn) List(each func() error) error {
	return c.Nested(func() error {
		if err := c.Expect('('); err != nil {
			return err
		}
		for c.Skip(' ') { // from clients that join an empty list of flags with another
		}
		for !c.Skip(')') {
			if err := each(); err != nil {
				return err
			}
			if c.Peek() == ')' {
				continue
			}
			if err := c.SP(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Nested calls f one level deeper, or fails at Limits.Depth. A parser that calls itself without a List uses it.
func (c *Conn) Nested(f func() error) error {
	if c.depth >= c.limits.Depth {
		return errDepth
	}
	c.depth++
	defer func() { c.depth-- }()
	return f()
}

// Line reads one raw line of at most max bytes, without its end: DONE, or an answer to Continue. A longer one is thrown
// away and is a *SyntaxError. The command itself must have been read to its end.
func (c *Conn) Line(max int) ([]byte, error) {
	if !c.ended {
		return nil, errTrailing
	}
	var line []byte
	budget := c.limits.Skip
	for {
		if err := c.ready(); err != nil {
			return nil, err
		}
		piece, whole := cutLine(c.in[c.r:c.w])
		c.heard(piece, false)
		c.r += len(piece)
		if budget -= int64(len(piece)); budget < 0 {
			return nil, c.flood()
		}
		if len(line) <= max+2 {
			line = append(line, piece[:min(len(piece), max+3)]...)
		}
		if whole {
			break
		}
	}
	return trimLine(line, max)
}
