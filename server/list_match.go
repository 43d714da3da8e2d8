package server

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// maxPattern is the longest pattern, in bytes: twice the longest mailbox name.
const maxPattern = 2000

// pattern is a mailbox pattern of LIST and LSUB, RFC 3501, 6.3.8: "*" stands
// for anything, "%" for anything but the hierarchy separator. Matching takes
// time in proportion to pattern times name, whatever the wildcards.
type pattern struct {
	text      string
	now, next []bool // the places of text that the name read so far can have reached
}

// newPattern joins a reference and what the client asked for below it.
func newPattern(reference, name string) pattern {
	text := norm.NFC.String(reference + name)
	return pattern{text: text, now: make([]bool, len(text)+1), next: make([]bool, len(text)+1)}
}

// matches reports whether a whole name fits. RFC 3501, 5.1: INBOX is the same
// in any case, also as the first level of other names.
func (p *pattern) matches(name string) bool {
	anyCase := 0
	if name == "INBOX" || strings.HasPrefix(name, "INBOX/") {
		anyCase = len("INBOX")
	}
	clear(p.now)
	p.now[0] = true
	p.passWildcards()
	for i := range len(name) {
		p.step(name[i], i < anyCase)
	}
	return p.now[len(p.text)]
}

// step reads one byte of the name.
func (p *pattern) step(c byte, anyCase bool) {
	clear(p.next)
	for i := range len(p.text) {
		if !p.now[i] {
			continue
		}
		switch want := p.text[i]; {
		case want == '*', want == '%' && c != '/':
			p.next[i] = true
		case want == c, anyCase && upper(want) == c:
			p.next[i+1] = true
		}
	}
	p.now, p.next = p.next, p.now
	p.passWildcards()
}

// passWildcards lets each wildcard that was reached stand for nothing.
func (p *pattern) passWildcards() {
	for i := range len(p.text) {
		if p.now[i] && (p.text[i] == '*' || p.text[i] == '%') {
			p.now[i+1] = true
		}
	}
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
