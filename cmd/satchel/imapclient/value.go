package imapclient

import "strings"

// word reads an atom, a flag or a number; "" when there is none.
func (r *reader) word() string {
	return r.until(func(b byte) bool { return strings.IndexByte(` ()[]{"`, b) >= 0 })
}

// number reads a number; 0 for what is none, or too large.
func (r *reader) number() uint64 {
	n := uint64(0)
	for b := r.peek(); b >= '0' && b <= '9'; b = r.peek() {
		if n > 1<<59 {
			r.trouble("too large a number")
			return 0
		}
		n = 10*n + uint64(r.take()-'0')
	}
	return n
}

// number32 reads a number of 32 bits; a larger one is trouble.
func (r *reader) number32() uint32 {
	n := r.number()
	if n>>32 != 0 {
		r.trouble("too large a number")
	}
	return uint32(n)
}

// text reads an atom, a quoted string or a literal; "" for NIL.
func (r *reader) text() string {
	switch r.peek() {
	case '"':
		return r.quoted()
	case '{', '~':
		n := r.literal()
		if n > maxString {
			r.trouble("too large a string")
		}
		return string(r.bytes(int(n)))
	}
	// A name may have brackets where an atom must not: Gmail's have.
	s := r.until(func(b byte) bool { return strings.IndexByte(` ()"`, b) >= 0 })
	if strings.EqualFold(s, "NIL") {
		return ""
	}
	return s
}

func (r *reader) quoted() string {
	r.take()
	var s []byte
	for b := r.peek(); b != '"'; b = r.peek() {
		if b == '\\' {
			r.take()
		}
		if b == 0 || len(s) > maxString {
			r.trouble("a quoted string without an end")
			return ""
		}
		s = append(s, r.take())
	}
	r.take()
	return string(s)
}

// literal reads what announces a literal: its length.
func (r *reader) literal() int64 {
	r.skip('~')
	if !r.skip('{') {
		r.trouble("no literal where there must be one")
	}
	n := r.number()
	r.skip('+')
	if !r.skip('}') || n > 1<<40 || r.peek() != 0 {
		r.trouble("a literal of no length")
	}
	r.lineEnd()
	return int64(n)
}

// eol reads the end of the line. What stands before it is passed over.
func (r *reader) eol() {
	for r.peek() != 0 {
		r.value(0)
		r.space()
		r.skip(')')
		r.skip(']')
	}
	r.lineEnd()
}

// value passes over one value, whatever it is.
func (r *reader) value(depth int) {
	switch r.peek() {
	case '(':
		if depth > maxDepth {
			r.trouble("lists nested too deep")
		}
		r.list(depth, func() { r.value(depth + 1) })
	case '[':
		r.take()
		r.until(func(b byte) bool { return b == ']' })
	case '"', '{', '~':
		r.text()
	default:
		if r.word() == "" && r.peek() != ')' && r.peek() != ']' {
			r.take() // what no value begins with
		}
	}
}

// list reads a list; each reads one value. What is no list is passed over.
func (r *reader) list(depth int, each func()) {
	if !r.skip('(') {
		r.value(depth)
		return
	}
	for r.space(); !r.skip(')'); r.space() {
		if r.peek() == 0 || r.err != nil {
			r.trouble("a list without an end")
			return
		}
		before := r.left
		if each(); r.left == before {
			r.take() // nothing of it is what was expected
		}
	}
}
