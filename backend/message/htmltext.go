package message

import "unicode/utf8"

// htmlText takes the text out of HTML that comes in pieces of valid UTF-8. The text does not depend
// on where the pieces are cut. Comments, declarations, scripts and styles are no text. A tag is
// nothing if words go on over it, and a blank otherwise. A run of white space is one blank, and none
// at the start. Characters that only say where a word may be broken are left out. What is not closed
// reaches to the end; but a '<' or "</" that no tag can begin with is text.
type htmlText struct {
	step   htmlStep
	word   bool               // the last character of the text is not a blank
	end    bool               // the tag is an end tag
	quote  byte               // what ends a quoted value
	dashes int                // in a row in a comment
	name   [maxTagName]byte   // of a tag, lower case
	length int                // of the name, or of the reference
	ref    [maxReference]byte // a character reference, from '&' on
	raw    string             // what ends a script or style
	seen   int                // how much of that has been seen
	known  map[string]string  // what references stand for; kept from part to part
}

// Bounds on what is kept of a tag's name and of a character reference; none that means anything to
// us is longer.
const (
	maxTagName   = 16
	maxReference = 40
)

// htmlStep says what the next byte is.
type htmlStep uint8

const (
	inText htmlStep = iota
	inReference
	afterLess     // of "<"
	afterSlash    // of "</"
	afterBang     // of "<!"
	afterBangDash // of "<!-"
	inDeclaration
	startOfComment // only dashes since "<!--"
	inComment
	afterCommentBang // of "--!"
	inTagName
	beforeAttribute
	inAttribute
	afterAttribute
	beforeValue
	inValue
	inQuotedValue
	inRaw
)

// reset prepares for the start of another text.
func (h *htmlText) reset() { h.step, h.word = inText, false }

// append appends the text of one more piece.
func (h *htmlText) append(dst, s []byte) []byte {
	for len(s) > 0 {
		switch h.step {
		case inText:
			dst, s = h.text(dst, s)
		case inReference:
			dst, s = h.reference(dst, s)
		default:
			dst, s = h.markup(dst, s)
		}
	}
	return dst
}

// flush appends what turns out to be text at the end.
func (h *htmlText) flush(dst []byte) []byte {
	switch h.step {
	case inReference:
		return h.resolve(dst)
	case afterLess:
		return append(dst, '<')
	case afterSlash:
		return append(dst, "</"...)
	}
	return dst
}

// text takes text up to markup or a reference, or some of it.
func (h *htmlText) text(dst, s []byte) (out, rest []byte) {
	if n := h.ordinary(s); n > 0 {
		h.word = s[n-1] != ' '
		return append(dst, s[:n]...), s[n:]
	}
	switch s[0] {
	case '<':
		h.step = afterLess
		return dst, s[1:]
	case '&':
		h.step = inReference
		h.ref[0], h.length = '&', 1
		return dst, s[1:]
	}
	r, size := utf8.DecodeRune(s)
	return h.put(dst, r), s[size:]
}

// ordinary is the length of the start of s that is text as it is.
func (h *htmlText) ordinary(s []byte) int {
	last := byte(' ')
	if h.word {
		last = 0
	}
	for i, c := range s {
		if textStop[c] && (c != ' ' || last == ' ') {
			return i
		}
		last = c
	}
	return len(s)
}

// textStop holds the bytes that something else than themselves may come of: markup, white space, and
// the first bytes of the characters that put knows.
var textStop = [256]bool{'<': true, '&': true, ' ': true, '\t': true, '\r': true, '\n': true, 0xc2: true, 0xe2: true, 0xef: true}

// put appends a character of the text.
func (h *htmlText) put(dst []byte, r rune) []byte {
	switch r {
	case ' ', '\t', '\r', '\n', '\u00a0':
		return h.blank(dst)
	case '\u00ad', '\u200b', '\u200c', '\ufeff': // soft hyphen, zero width space, non-joiner, no-break space
		return dst
	}
	h.word = true
	return utf8.AppendRune(dst, r)
}

// blank keeps what follows apart from what came before.
func (h *htmlText) blank(dst []byte) []byte {
	if !h.word {
		return dst
	}
	h.word = false
	return append(dst, ' ')
}
