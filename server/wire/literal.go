package wire

import "io"

// Literal is a literal as it arrives. It holds until the next token is read, which throws the rest away.
type Literal struct {
	Size   int64 // bytes announced
	Binary bool  // RFC 3516, 4: literal8, which may hold NUL
	Sync   bool  // the client waits for leave to send it

	c        *Conn
	left     int64 // bytes not yet read
	accepted bool  // the client was asked for it
	open     bool  // it is what comes next
}

// Read reads the literal, to io.EOF at its end. The first Read of a synchronising one asks the client for it; a handler
// that refuses it for its size just does not read.
func (l *Literal) Read(p []byte) (int, error) {
	l.accept()
	if l.left == 0 || !l.open {
		return 0, io.EOF
	}
	n, err := l.c.readLiteral(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (l *Literal) accept() {
	if l.refused() {
		l.accepted = true
		l.c.Continue("OK")
	}
}

// refused says whether the client still waits for leave to send.
func (l *Literal) refused() bool { return l.open && l.Sync && !l.accepted }

// settle throws away what was not read of the literal, since the next token is wanted.
func (l *Literal) settle() error {
	if l.refused() {
		return errUnread
	}
	budget := l.c.limits.Skip
	if err := l.c.skipLiteral(&budget); err != nil {
		return err
	}
	l.open = false
	return nil
}

// readLiteral reads buffered bytes, or past the buffer when p is large.
func (c *Conn) readLiteral(p []byte) (int, error) {
	if c.r == c.w && len(p) >= inSize {
		if err := c.prepare(); err != nil {
			return 0, err
		}
		n, err := c.recv(p)
		c.heard(p[:n], true)
		return n, c.received(n, err)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := c.ready(); err != nil {
		return 0, err
	}
	n := copy(p, c.in[c.r:c.w])
	c.heard(p[:n], true)
	c.r += n
	return n, nil
}

// Literal reads the announcement of a literal, {n}, {n+}, ~{n} or ~{n+}, and returns the literal to be read. One beyond
// Limits.Literal is a *SyntaxError with TOOBIG.
func (c *Conn) Literal() (*Literal, error) {
	binary := c.Skip('~')
	if c.Peek() != '{' {
		return nil, c.trouble(errLiteral)
	}
	if err := c.announcement(); err != nil {
		return nil, err
	}
	c.lit = Literal{Size: c.tail.size, Binary: binary, Sync: !c.tail.plus, c: c, left: c.tail.size, open: true}
	c.tail = literalTail{}
	c.literals--
	switch {
	case c.lit.Size > c.limits.Literal:
		return nil, errTooBig
	case c.literals < 0:
		return nil, errLiterals
	}
	return &c.lit, nil
}

// announcement reads "{n}" or "{n+}" and the end of the line into c.tail, where drain finds it if a limit is met on the
// way: what follows a literal that was announced is not a command.
func (c *Conn) announcement() error {
	for {
		if err := c.more(); err != nil {
			return err
		}
		b := c.in[c.r]
		if b == '\n' && c.tail.closed() {
			c.heard(c.in[c.r:c.r+1], false)
			c.r++
			return nil
		}
		if c.tail.step(b); c.tail.state == tailNone {
			return errLiteral
		}
		if err := c.take(1); err != nil {
			return err
		}
	}
}

// literalString reads a whole literal as a string. It counts as text of the command, before a byte of it is allocated.
func (c *Conn) literalString() (string, error) {
	l, err := c.Literal()
	if err != nil {
		return "", err
	}
	if l.Size > int64(c.limits.Token) {
		return "", errTooBig
	}
	if c.left -= int(l.Size); c.left < 0 {
		return "", errLine
	}
	l.accept() // an empty one is awaited too
	b := make([]byte, l.Size)
	if _, err := io.ReadFull(l, b); err != nil {
		return "", err
	}
	return string(b), nil
}
