package message

import (
	"unicode/utf8"

	"golang.org/x/net/html"
)

// reference takes a character reference up to its end, or some of it.
func (h *htmlText) reference(dst, s []byte) (out, rest []byte) {
	for i, c := range s {
		if h.length < maxReference-1 && (isAlphanumeric(c) || c == '#' && h.length == 1) {
			h.ref[h.length] = c
			h.length++
			continue
		}
		if c == ';' {
			h.ref[h.length] = c
			h.length++
			i++
		}
		h.step = inText
		return h.resolve(dst), s[i:]
	}
	return dst, nil
}

// resolve appends what the reference stands for; what is none, as it is.
func (h *htmlText) resolve(dst []byte) []byte {
	ref := h.ref[:h.length]
	if r, ok := numbered(ref); ok {
		return h.put(dst, r)
	}
	for _, r := range h.named(ref) {
		dst = h.put(dst, r)
	}
	return dst
}

// maxKnown bounds the references that are remembered.
const maxKnown = 256

// named looks a reference up. The library allocates, so what it said is remembered.
func (h *htmlText) named(ref []byte) string {
	switch string(ref) {
	case "&":
		return "&"
	case "&nbsp;":
		return " "
	case "&amp;":
		return "&"
	case "&lt;":
		return "<"
	case "&gt;":
		return ">"
	case "&quot;":
		return `"`
	}
	if text, ok := h.known[string(ref)]; ok {
		return text
	}
	text := html.UnescapeString(string(ref))
	if len(h.known) >= maxKnown || h.known == nil {
		h.known = make(map[string]string)
	}
	h.known[string(ref)] = text
	return text
}

// numbered reads "&#38;" or "&#x26;" if the number is that of a character; some others stand for
// another one than they say.
func numbered(ref []byte) (r rune, ok bool) {
	if len(ref) < len("&#0;") || ref[1] != '#' || ref[len(ref)-1] != ';' {
		return 0, false
	}
	digits, base := ref[2:len(ref)-1], rune(10)
	if lower(digits[0]) == 'x' {
		digits, base = digits[1:], 16
	}
	for _, c := range digits {
		d := rune(unhex(c))
		if d < 0 || d >= base || r > utf8.MaxRune {
			return 0, false
		}
		r = r*base + d
	}
	return r, utf8.ValidRune(r) && (' ' <= r && r < 0x7f || r >= 0xa0)
}

func isAlphanumeric(c byte) bool {
	c = lower(c)
	return isDigit(c) || 'a' <= c && c <= 'z'
}
