package wire

import (
	"strings"
	"unicode/utf8"
)

// String reads a quoted string or a literal. Its bytes are those that came in, 8-bit ones included.
func (c *Conn) String() (string, error) {
	switch c.Peek() {
	case '"':
		return c.quoted()
	case '{', '~':
		return c.literalString()
	}
	return "", c.trouble(errString)
}

// NString reads a string or NIL.
func (c *Conn) NString() (s string, isNil bool, err error) {
	if b := c.Peek(); b != 'N' && b != 'n' {
		s, err = c.String()
		return s, false, err
	}
	word, err := c.Word()
	if err == nil && word != "NIL" {
		err = errString
	}
	return "", err == nil, err
}

// AString reads an atom or a string. Unlike Atom it takes 8-bit bytes, which clients send unquoted in mailbox names.
func (c *Conn) AString() (string, error) {
	return c.stringOr(astringChar)
}

func (c *Conn) stringOr(class *class) (string, error) {
	switch c.Peek() {
	case '"':
		return c.quoted()
	case '{':
		return c.literalString()
	case '~':
		// RFC 3516, 4.4: "~{" begins a literal8; a tilde before anything else is part of an atom.
		if c.follows('{') {
			return c.literalString()
		}
	}
	return c.word(class, errString)
}

// follows says whether the byte that comes next has b behind it.
func (c *Conn) follows(b byte) bool {
	if c.w-c.r == 1 && c.refill() != nil {
		return false
	}
	return c.in[c.r+1] == b
}

// quoted reads a quoted string. RFC 9755, 3: with SetUTF8 it must be in UTF-8.
func (c *Conn) quoted() (string, error) {
	if err := c.Expect('"'); err != nil {
		return "", err
	}
	var whole []byte
	for {
		part, err := c.span(textChar, c.limits.Line)
		if err != nil {
			return "", err
		}
		switch c.Peek() {
		case '"':
			s := string(part)
			if whole != nil {
				s = string(append(whole, part...))
			}
			if err := c.take(1); err != nil {
				return "", err
			}
			if c.utf8 && !utf8.ValidString(s) {
				return "", ErrUTF8
			}
			return s, nil
		case '\\':
			whole = append(whole, part...)
			b, err := c.escaped()
			if err != nil {
				return "", err
			}
			whole = append(whole, b)
		default:
			return "", c.trouble(errQuoted)
		}
	}
}

// escaped reads a backslash and the byte it protects.
func (c *Conn) escaped() (byte, error) {
	if err := c.take(1); err != nil {
		return 0, err
	}
	b := c.Peek()
	if b != '"' && b != '\\' {
		return 0, c.trouble(errQuoted)
	}
	return b, c.take(1)
}

// Mailbox reads a mailbox name and returns it in UTF-8, with INBOX in upper case. Modified UTF-7 is decoded, unless
// SetUTF8 is on or the name has 8-bit bytes and is in UTF-8 therefore. What cannot be decoded is ErrMailbox.
func (c *Conn) Mailbox() (string, error) {
	raw, err := c.AString()
	if err != nil {
		return "", err
	}
	name, ok := c.decodeName(raw)
	if !ok {
		return "", ErrMailbox
	}
	// RFC 3501, 5.1: INBOX in any case.
	if strings.EqualFold(name, "INBOX") {
		return "INBOX", nil
	}
	return name, nil
}

// ListMailbox reads the pattern of LIST, in which '%' and '*' are wildcards, and decodes it like a mailbox name; one that
// cannot be decoded is returned as it is, but for bytes that are not UTF-8.
func (c *Conn) ListMailbox() (string, error) {
	raw, err := c.stringOr(listChar)
	if err != nil {
		return "", err
	}
	if name, ok := c.decodeName(raw); ok {
		return name, nil
	}
	return strings.ToValidUTF8(raw, "\uFFFD"), nil
}

func (c *Conn) decodeName(raw string) (string, bool) {
	// RFC 9755, 3: whoever announces UTF8=ACCEPT takes names in UTF-8 from every client.
	if c.utf8 || strings.IndexFunc(raw, not7bit) >= 0 {
		return raw, utf8.ValidString(raw) && strings.IndexByte(raw, 0) < 0
	}
	name, err := DecodeMUTF7(raw)
	return name, err == nil
}

func not7bit(r rune) bool { return r >= utf8.RuneSelf }
