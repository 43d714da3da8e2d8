package message

import "bytes"

// AppendBody appends BODY, the form without extension data, made from the text of a BODYSTRUCTURE
// that Parse wrote.
func AppendBody(dst, structure []byte) []byte {
	s := shortener{in: structure, out: dst}
	s.body(0)
	return s.out
}

// shortener copies a BODYSTRUCTURE and leaves the extension data out.
type shortener struct {
	in  []byte
	at  int
	out []byte
}

// body copies one "(...)". RFC 3501, 9: body, body-type-mpart, body-type-1part.
func (s *shortener) body(depth int) {
	if s.peek() != '(' || depth > maxDepth+1 {
		s.value(true)
		return
	}
	s.at++
	s.out = append(s.out, '(')
	if s.peek() == '(' {
		for s.peek() == '(' {
			s.body(depth + 1)
		}
		s.values(1) // subtype
	} else {
		s.single(depth)
	}
	for s.at < len(s.in) && s.peek() != ')' {
		s.value(false)
	}
	s.at++
	s.out = append(s.out, ')')
}

// single copies the fields of a part that is no multipart.
func (s *shortener) single(depth int) {
	main, sub := s.value(true), []byte(nil)
	if s.peek() == ' ' {
		s.values(0)
		sub = s.value(true)
	}
	s.values(5) // parameters, id, description, encoding, size
	message := mediaType{main: unquoted(main), sub: unquoted(sub)}
	switch {
	case message.kind(true) == Rfc822 && bytes.HasPrefix(s.in[s.at:], []byte(" (")):
		s.values(1) // envelope
		s.values(0)
		s.body(depth + 1)
		s.values(1) // lines
	case message.is(wordText, nil):
		s.values(1) // lines
	}
}

// values copies n values, each with the blank before it; with n = 0 only a blank.
func (s *shortener) values(n int) {
	if n == 0 && s.peek() == ' ' {
		s.out = append(s.out, ' ')
		s.at++
	}
	for ; n > 0 && s.peek() == ' '; n-- {
		s.values(0)
		s.value(true)
	}
}

// value steps over a blank, a string, an atom, or a list with all that is in it, copies it when
// asked to, and gives its text.
func (s *shortener) value(keep bool) []byte {
	start, depth := s.at, 0
	for s.at < len(s.in) {
		switch s.in[s.at] {
		case '(':
			depth++
			s.at++
		case ')':
			if depth == 0 {
				return s.keep(start, keep)
			}
			depth--
			s.at++
		case '"':
			s.quoted()
		case '{':
			s.literal()
		default:
			s.at++
			if depth > 0 || s.in[s.at-1] != ' ' && s.at < len(s.in) && s.in[s.at] != ' ' && s.in[s.at] != ')' {
				continue
			}
		}
		if depth == 0 {
			break
		}
	}
	return s.keep(start, keep)
}

func (s *shortener) keep(start int, keep bool) []byte {
	if keep {
		s.out = append(s.out, s.in[start:s.at]...)
	}
	return s.in[start:s.at]
}

// quoted steps over a quoted string.
func (s *shortener) quoted() {
	for s.at++; s.at < len(s.in) && s.in[s.at] != '"'; s.at++ {
		if s.in[s.at] == '\\' {
			s.at++
		}
	}
	s.at = min(s.at+1, len(s.in))
}

// literal steps over "{n}", CRLF and n bytes.
func (s *shortener) literal() {
	n := 0
	for s.at++; s.at < len(s.in) && '0' <= s.in[s.at] && s.in[s.at] <= '9' && n < len(s.in); s.at++ {
		n = n*10 + int(s.in[s.at]-'0')
	}
	s.at = min(s.at+len("}\r\n")+n, len(s.in))
}

func (s *shortener) peek() byte {
	if s.at < len(s.in) {
		return s.in[s.at]
	}
	return 0
}

// unquoted takes the quotes off a quoted string.
func unquoted(s []byte) []byte {
	if len(s) >= 2 && s[0] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}
