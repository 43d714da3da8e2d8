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
			p.leave()
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

// spec reads the domain of "local@domain". The words before it stay in phrase: they are a name when
// an angle bracket follows.
func (p *addressParser) spec() {
	p.at++
	p.local = append(p.local, p.phrase[p.start:]...)
	name := p.start
	p.domain()
	p.phrase = append(append(p.phrase, '@'), p.host...)
	p.start = name
}

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

// angle reads "<route:local@domain>" and leaves the entry behind.
func (p *addressParser) angle() (address, bool) {
	p.at++
	p.local, p.host, p.route = p.local[:0], p.host[:0], p.route[:0]
	if p.skip(); p.peek() == '@' {
		p.readRoute()
	}
	p.localPart()
	if p.take('@') {
		p.domain()
	} else {
		p.toClose()
	}
	p.leave()
	a := address{local: p.local, host: p.host}
	if len(p.phrase) > 0 {
		a.name = p.phrase
	}
	if len(p.route) > 0 {
		a.route = p.route
	}
	return a, len(a.local) > 0 || len(a.host) > 0 || len(a.name) > 0
}

// readRoute reads "@a,@b:". RFC 5322, 4.4.
func (p *addressParser) readRoute() {
	for {
		p.skip()
		c := p.peek()
		if p.end() || c == '>' {
			return
		}
		p.at++
		if c == ':' {
			return
		}
		p.route = append(p.route, c)
	}
}

// toClose moves to the end of angle brackets that hold no address.
func (p *addressParser) toClose() {
	for {
		p.skip()
		switch c := p.peek(); {
		case p.end() || c == '>' || c == ',':
			return
		case c == '"':
			p.quoted()
		default:
			p.at++
		}
	}
}

// localPart reads up to "@" or the end of the angle brackets, or up to a colon or semicolon, which
// no local part has in it (RFC 5322, 3.4.1). Of several words without "@" behind them only the first
// counts.
func (p *addressParser) localPart() {
	first := -1 // length of the first word when there are more
	for {
		gap := p.gap()
		c := p.peek()
		if p.end() || c == '@' || c == '>' || c == ',' || c == ':' || c == ';' {
			break
		}
		if n := len(p.local); gap && n > 0 && c != '.' && p.local[n-1] != '.' {
			if p.local = append(p.local, ' '); first < 0 {
				first = n
			}
		}
		if c == '"' {
			word, _ := p.quoted()
			p.local = append(p.local, word...)
			continue
		}
		p.local = append(p.local, c)
		p.at++
	}
	if first >= 0 && p.peek() != '@' {
		p.local = p.local[:first]
	}
}

// domain reads the atoms and dots, or the literal, after "@".
func (p *addressParser) domain() {
	for {
		p.skip()
		dot := len(p.host) == 0 || p.host[len(p.host)-1] == '.'
		switch c := p.peek(); {
		case c == '[' && dot:
			p.host = append(p.host, p.lexer.run(&literalStop)...)
			if p.take(']') {
				p.host = append(p.host, ']')
			}
		case c == '.':
			p.host = append(p.host, '.')
			p.at++
		case dot && !p.end() && !atomStop[c]:
			p.host = append(p.host, p.atom()...)
		default:
			return
		}
	}
}

// leave steps behind the closing angle bracket and over what stands between it and the next entry.
func (p *addressParser) leave() {
	for {
		p.skip()
		switch c := p.peek(); {
		case p.end() || c == ',' || c == ';':
			return
		case c == '"':
			p.quoted()
		default:
			p.at++
		}
	}
}
