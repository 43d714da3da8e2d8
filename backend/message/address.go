package message

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

// maxAddresses bounds the addresses taken from the fields of one kind.
const maxAddresses = 20_000

// addressParser reads the address lists of From, To and the like (RFC 5322, 3.4 and 4.4). It takes
// what it can get: empty entries are stepped over, missing domains stay empty, stray text before an
// angle bracket is a name.
type addressParser struct {
	lexer
	inGroup bool
	phrase  []byte // text in front of an angle bracket or a colon
	local   []byte
	host    []byte
	route   []byte
}

// next gives the next entry; ok is false at the end of the field.
func (p *addressParser) next() (a address, ok bool) {
	for {
		p.skip()
		switch {
		case p.end():
			return a, false
		case p.take(','):
		case p.take(';'):
			if p.inGroup {
				p.inGroup = false
				return address{kind: groupEnd}, true
			}
		default:
			if a, ok = p.entry(); ok {
				return a, true
			}
		}
	}
}

// entry reads one mailbox, or the name of a group. ok is false when nothing is left of it.
func (p *addressParser) entry() (a address, ok bool) {
	p.comment = nil
	p.phrase, p.local, p.host = p.phrase[:0], p.local[:0], p.host[:0]
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
		case c == '@' && !at:
			p.at++
			at = true
			p.local = append(p.local[:0], p.phrase...)
			p.domain()
			p.phrase = append(append(p.phrase, '@'), p.host...)
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

// word adds one word of a name or local part to the phrase, with a blank where there was a gap.
func (p *addressParser) word(gap bool) {
	if gap && len(p.phrase) > 0 {
		p.phrase = append(p.phrase, ' ')
	}
	if p.peek() == '"' {
		word, _ := p.quoted()
		p.phrase = append(p.phrase, word...)
		return
	}
	if word := p.run(&atomStop); len(word) > 0 {
		p.phrase = append(p.phrase, word...)
		return
	}
	p.phrase = append(p.phrase, p.s[p.at])
	p.at++
}

// bare ends an entry without angle brackets. RFC 5322 knows only "local@domain" here; a name in a
// comment behind it is what old programs wrote.
func (p *addressParser) bare(at bool) (address, bool) {
	a := address{local: p.phrase, host: p.host}
	if at {
		a.local = p.local
	}
	a.name = p.comment
	return a, len(a.local) > 0 || len(a.host) > 0
}

// angle reads "<route:local@domain>" and leaves the entry behind.
func (p *addressParser) angle() (address, bool) {
	a := address{name: p.phrase}
	p.at++
	p.local, p.host = p.local[:0], p.host[:0]
	if p.skip(); p.peek() == '@' {
		a.route = p.readRoute()
	}
	p.localPart()
	if p.take('@') {
		p.domain()
	}
	p.leave()
	a.local, a.host = p.local, p.host
	if len(a.name) == 0 {
		a.name = p.comment
	}
	return a, len(a.local) > 0 || len(a.host) > 0 || len(a.name) > 0
}

// readRoute reads "@a,@b:". RFC 5322, 4.4.
func (p *addressParser) readRoute() []byte {
	p.route = p.route[:0]
	for !p.end() {
		p.skip()
		switch c := p.peek(); c {
		case ':':
			p.at++
			return p.route
		case '>', 0:
			return p.route
		default:
			p.route = append(p.route, c)
			p.at++
		}
	}
	return p.route
}

// localPart reads up to "@" or the end of the angle brackets; white space in it is dropped.
func (p *addressParser) localPart() {
	for {
		p.skip()
		switch c := p.peek(); {
		case p.end() || c == '@' || c == '>' || c == ',':
			return
		case c == '"':
			word, _ := p.quoted()
			p.local = append(p.local, word...)
		default:
			p.local = append(p.local, c)
			p.at++
		}
	}
}

// domain reads the atoms and dots, or the literal, after "@".
func (p *addressParser) domain() {
	p.host = p.host[:0]
	for {
		p.skip()
		dot := len(p.host) == 0 || p.host[len(p.host)-1] == '.'
		switch c := p.peek(); {
		case c == '[' && dot:
			p.host = append(p.host, p.run(&literalStop)...)
			if p.take(']') {
				p.host = append(p.host, ']')
			}
		case c == '.':
			p.host = append(p.host, '.')
			p.at++
		case dot && !p.end() && !atomStop[c]:
			p.host = append(p.host, p.run(&atomStop)...)
		default:
			return
		}
	}
}

// leave steps behind the closing angle bracket and over what stands between it and the next entry.
func (p *addressParser) leave() {
	for !p.end() {
		p.skip()
		switch c := p.peek(); {
		case c == ',' || c == ';' || p.end():
			return
		case c == '"':
			p.quoted()
		default:
			p.at++
		}
	}
}
