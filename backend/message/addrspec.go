package message

import "strings"

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
		p.until(">,") // no address is in them
	}
	p.toNext()
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

// toNext steps behind the closing angle bracket and over what stands between it and the next entry.
func (p *addressParser) toNext() { p.until(",;") }

// until steps over words up to one of the bytes in ends.
func (p *addressParser) until(ends string) {
	for {
		p.skip()
		switch c := p.peek(); {
		case p.end() || strings.IndexByte(ends, c) >= 0:
			return
		case c == '"':
			p.quoted()
		default:
			p.at++
		}
	}
}
