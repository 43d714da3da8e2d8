package message

import "bytes"

// lexer reads the tokens of structured header fields (RFC 5322, 3.2; RFC 2045, 5.1), folded or not.
// Every method moves forward only, so a field is read in linear time.
type lexer struct {
	s       []byte
	at      int
	comment []byte // what the comment skipped last says, quotes removed
}

func (l *lexer) end() bool { return l.at >= len(l.s) }

// peek is the next byte, 0 at the end.
func (l *lexer) peek() byte {
	if l.end() {
		return 0
	}
	return l.s[l.at]
}

// take steps over c when it is next.
func (l *lexer) take(c byte) bool {
	if l.end() || l.s[l.at] != c {
		return false
	}
	l.at++
	return true
}

// skip steps over white space and comments.
func (l *lexer) skip() {
	for !l.end() {
		switch c := l.s[l.at]; {
		case isSpace(c):
			l.at++
		case c == '(':
			l.skipComment()
		default:
			return
		}
	}
}

// skipComment steps over one comment with what is nested in it; an open one reaches to the end.
func (l *lexer) skipComment() {
	l.at++
	start, depth, plain := l.at, 1, true
	for ; !l.end(); l.at++ {
		switch l.s[l.at] {
		case '\\':
			l.at++
			plain = false
		case '\r', '\n':
			plain = false
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.comment = unquote(l.s[start:l.at], plain)
				l.at++
				return
			}
		}
	}
	l.at = len(l.s)
	l.comment = unquote(l.s[start:], plain)
}

// quoted reads a quoted string whose opening quote is next. ok is false when it is never closed.
func (l *lexer) quoted() (value []byte, ok bool) {
	l.at++
	start, plain := l.at, true
	for ; !l.end(); l.at++ {
		switch l.s[l.at] {
		case '\\':
			l.at++
			plain = false
		case '\r', '\n':
			plain = false
		case '"':
			value = unquote(l.s[start:l.at], plain)
			l.at++
			return value, true
		}
	}
	l.at = len(l.s)
	return unquote(l.s[start:], plain), false
}

// unquote undoes quoted pairs and folding. What is plain is returned as it is.
func unquote(s []byte, plain bool) []byte {
	if plain {
		return s[:len(s):len(s)]
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\n':
		case '\r':
			if i+1 >= len(s) || s[i+1] != '\n' {
				out = append(out, c)
			}
		case '\\':
			if i++; i < len(s) {
				out = append(out, s[i])
			}
		default:
			out = append(out, c)
		}
	}
	return out
}

// run reads bytes up to one that stop holds; it may be empty.
func (l *lexer) run(stop *[256]bool) []byte {
	start := l.at
	for !l.end() && !stop[l.s[l.at]] {
		l.at++
	}
	return l.s[start:l.at:l.at]
}

// token reads a token of RFC 2045, 5.1; bytes above 127 count as part of one.
func (l *lexer) token() []byte { return l.run(&tokenStop) }

// toNext moves to just after the next c, or to the end.
func (l *lexer) toNext(c byte) {
	if i := bytes.IndexByte(l.s[l.at:], c); i >= 0 {
		l.at += i + 1
		return
	}
	l.at = len(l.s)
}

// bytes that end a token (RFC 2045, 5.1), an atom (RFC 5322, 3.2.3, with dots kept apart) and a
// domain literal
var (
	tokenStop   = stopTable(`()<>@,;:\"/[]?=`)
	atomStop    = stopTable(`()<>@,;:\".[]`)
	literalStop = stopTable(`]`)
)

// stopTable holds the given bytes and, but for a domain literal, white space and controls.
func stopTable(specials string) (t [256]bool) {
	if len(specials) > 1 {
		for c := 0; c <= ' '; c++ {
			t[c] = true
		}
		t[127] = true
	}
	for i := range len(specials) {
		t[specials[i]] = true
	}
	return t
}
