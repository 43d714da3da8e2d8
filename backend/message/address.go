package message

import "bytes"

// addressKind tells the entries of an address list apart.
type addressKind uint8

const (
	mailbox addressKind = iota
	groupStart
	groupEnd
)

// address is one entry of an address list. Its slices are good until the next one is read.
type address struct {
	kind        addressKind
	name, route []byte // nil when not given
	local, host []byte
}

// maxAddresses bounds the addresses that are read of one message.
const maxAddresses = 100_000

// addressParser reads the address lists of From, To and the like (RFC 5322, 3.4 and 4.4). It takes
// what it can get: empty entries are stepped over, missing domains stay empty, stray text before an
// angle bracket is a name.
type addressParser struct {
	lexer
	inGroup bool
	count   int    // entries read from all fields
	phrase  []byte // text in front of an angle bracket or a colon
	start   int    // where in phrase the last words begin that no white space parts
	quote   bool   // phrase ends with what was a quoted string
	words   bool   // phrase has words, be they empty
	local   []byte
	host    []byte
	route   []byte
}

// reset starts with another field.
func (p *addressParser) reset(value []byte) {
	p.lexer = lexer{s: value}
	p.inGroup = false
}

// next gives the next entry; ok is false at the end of the field.
func (p *addressParser) next() (a address, ok bool) {
	for {
		p.skip()
		switch {
		case p.end() || p.count >= maxAddresses:
			return a, false
		case p.take(','):
		case p.take(';'):
			if p.inGroup {
				p.inGroup = false
				return address{kind: groupEnd}, true
			}
		default:
			if a, ok = p.entry(); ok {
				p.count++
				return a, true
			}
		}
	}
}

// entry reads one mailbox, or the name of a group. ok is false when nothing is left of it.
func (p *addressParser) entry() (a address, ok bool) {
	p.comment = nil
	p.phrase, p.local, p.host = p.phrase[:0], p.local[:0], p.host[:0]
	p.start, p.quote, p.words = 0, false, false
	at := false // an "@" was seen outside angle brackets
	for {
		gap := p.gap()
		switch c := p.peek(); {
		case p.end() || c == ',' || c == ';':
			return p.bare(at)
		case c == '<':
			return p.angle()
		case c == ':' && !at && !p.inGroup:
			p.at++
			p.inGroup = true
			return address{kind: groupStart, name: p.phrase}, true
		case c == ':':
			p.toNext()
			return p.bare(at)
		case c == '@' && !at:
			at = true
			p.spec()
		default:
			p.word(gap)
		}
	}
}

// gap skips white space and comments and tells whether there were any.
func (p *addressParser) gap() bool {
	before := p.at
	p.skip()
	return p.at > before
}

// word adds one word of a name or local part to the phrase. Words are parted by a blank, unless
// they are atoms and dots that stand together.
func (p *addressParser) word(gap bool) {
	c, n := p.peek(), len(p.phrase)
	dot := c == '.' || n > 0 && p.phrase[n-1] == '.'
	if p.words && (gap || !dot && (p.quote || c == '"')) {
		p.phrase = append(p.phrase, ' ')
		if !dot {
			p.start = n + 1
		}
	}
	p.words = true
	if p.quote = c == '"'; p.quote {
		word, _ := p.quoted()
		p.phrase = append(p.phrase, word...)
		return
	}
	if word := p.atom(); len(word) > 0 {
		p.phrase = append(p.phrase, word...)
		return
	}
	p.phrase = append(p.phrase, c)
	p.at++
}

// atom reads an atom.
func (p *addressParser) atom() []byte { return p.lexer.run(&atomStop) }

// bare ends an entry without angle brackets. RFC 5322 knows only "local@domain" here, but a name in
// a comment behind it is what old programs wrote, and some put a name in front. A single word is the
// name of a local mailbox; several are a name without an address.
func (p *addressParser) bare(at bool) (address, bool) {
	switch {
	case !at && p.start > 0:
		return address{name: p.phrase}, true
	case !at:
		return address{name: p.comment, local: p.phrase}, len(p.phrase) > 0
	case p.start > 0:
		return address{name: bytes.TrimRight(p.phrase[:p.start], " "), local: p.local, host: p.host}, true
	}
	return address{name: p.comment, local: p.local, host: p.host}, len(p.local) > 0 || len(p.host) > 0
}
