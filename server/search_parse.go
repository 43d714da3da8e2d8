package server

import (
	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/wire"
)

// searchParser reads the arguments of SEARCH, and is what was read.
type searchParser struct {
	s       *session
	options returnOptions
	charset string // of the strings, "" when not given
	query   *backend.Query
	keys    int
	fuzzy   bool // there is a FUZZY key
	modseq  bool // there is a MODSEQ key
	saved   bool // there is a "$"

	progress func(done, total int) error // told of the search as it goes on
}

// searchArguments reads the arguments of SEARCH, to the end of the line. What it
// read before an error is in the parser.
func (s *session) searchArguments() (*searchParser, error) {
	p := &searchParser{s: s}
	word, err := p.nextWord()
	if err == nil {
		err = p.arguments(word)
	}
	if !p.options.given && s.has(rev2) { // RFC 9051, 6.4.4
		p.options = returnOptions{given: true, items: returnAll}
	}
	return p, err
}

// arguments reads [search-return-opts SP] search-program, whose first word was read
// if it begins with one.
func (p *searchParser) arguments(word string) (err error) {
	if word == "RETURN" {
		if p.options, err = p.s.returnOptions(); err != nil {
			return err
		}
		if word, err = p.nextWord(); err != nil {
			return err
		}
	}
	return p.program(word)
}

// program reads search-program of RFC 4466, 2.6.1, whose first word was read if it
// begins with one: "CHARSET" SP charset SP, and the keys, to the end of the line.
func (p *searchParser) program(word string) (err error) {
	if word == "CHARSET" {
		if p.s.has(utf8Accept) { // RFC 9755, 3
			return &wire.SyntaxError{Text: "Strings are in UTF-8: no CHARSET"}
		}
		if err := p.readCharset(); err != nil {
			return err
		}
		if word, err = p.nextWord(); err != nil {
			return err
		}
	}
	return p.keysToEnd(word)
}

// keysToEnd reads the keys, of the first of which the name was read if it has one, to
// the end of the line.
func (p *searchParser) keysToEnd(word string) error {
	if err := p.search(word); err != nil {
		return err
	}
	if p.options.has(returnRelevancy) && !p.fuzzy { // RFC 6203, 4
		return &wire.SyntaxError{Text: "RELEVANCY needs a FUZZY key"}
	}
	if p.options.has(returnUpdate) && p.s.context(p.s.wire.Tag()) >= 0 { // RFC 5267, 4.3
		return &wire.SyntaxError{Text: "Tag reuse"}
	}
	return p.s.wire.EOL()
}

// search reads the keys, of the first of which the name was read if it has one.
func (p *searchParser) search(word string) error {
	first, err := p.keyNamed(word)
	if err != nil {
		return err
	}
	keys := []*backend.Query{first}
	for p.s.wire.Peek() == ' ' {
		if err := p.s.wire.SP(); err != nil {
			return err
		}
		key, err := p.key()
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	p.query = backend.And(keys...)
	return nil
}

// nextWord reads SP and a word, if one comes.
func (p *searchParser) nextWord() (string, error) {
	if err := p.s.wire.SP(); err != nil {
		return "", err
	}
	return p.word()
}

// word reads a word in capitals, if one comes: a key may also be a set or a list.
func (p *searchParser) word() (string, error) {
	if !isWord(p.s.wire.Peek()) {
		return "", nil
	}
	return p.s.wire.Word()
}

// readCharset reads SP charset.
func (p *searchParser) readCharset() (err error) {
	if err := p.s.wire.SP(); err != nil {
		return err
	}
	if p.charset, err = p.s.wire.AString(); err != nil {
		return err
	}
	if p.s.wire.Peek() != ' ' {
		return &wire.SyntaxError{Text: "Search keys expected"}
	}
	if !message.CharsetSupported(p.charset) {
		// RFC 3501, 7.1: the charsets that are known are listed; these are the
		// ones that every client has.
		return p.s.no("BADCHARSET (UTF-8 US-ASCII)", "Unknown charset")
	}
	return nil
}

// isWord reports whether a key that begins so has a name.
func isWord(c byte) bool { return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' }

// key reads one key.
func (p *searchParser) key() (*backend.Query, error) {
	word, err := p.word()
	if err != nil {
		return nil, err
	}
	return p.keyNamed(word)
}

// keyNamed reads one key, of which the name was read if it has one.
func (p *searchParser) keyNamed(word string) (*backend.Query, error) {
	if p.keys++; p.keys > maxListed {
		return nil, backend.ErrLimit
	}
	switch {
	case word != "":
		return p.named(word)
	case p.s.wire.Peek() == '(':
		return p.group()
	}
	return p.sequence()
}

// sequence reads a set of sequence numbers, or "$", which a client that has no
// sequence numbers may use as well.
func (p *searchParser) sequence() (*backend.Query, error) {
	if p.s.wire.Peek() == '$' {
		return p.uids()
	}
	if p.s.has(uidonly) { // RFC 9586, 3
		return nil, &wire.SyntaxError{Code: "UIDREQUIRED", Text: "Search keys with sequence numbers are off"}
	}
	p.s.counting = true
	set, err := p.s.set(false)
	return &backend.Query{Op: backend.QuerySeqs, Set: set}, err
}

// uids reads a set of UIDs.
func (p *searchParser) uids() (*backend.Query, error) {
	p.saved = p.saved || p.s.wire.Peek() == '$'
	set, err := p.s.set(true)
	return &backend.Query{Op: backend.QueryUIDs, Set: set}, err
}

// group reads "(" search-key *(SP search-key) ")".
func (p *searchParser) group() (*backend.Query, error) {
	var keys []*backend.Query
	err := p.s.wire.List(func() error {
		key, err := p.key()
		keys = append(keys, key)
		return err
	})
	if err == nil && len(keys) == 0 {
		err = &wire.SyntaxError{Text: "Empty list of search keys"}
	}
	if err != nil {
		return nil, err
	}
	return backend.And(keys...), nil
}

// nested reads SP and a key that another one contains.
func (p *searchParser) nested() (q *backend.Query, err error) {
	if err := p.s.wire.SP(); err != nil {
		return nil, err
	}
	err = p.s.wire.Nested(func() error {
		q, err = p.key()
		return err
	})
	return q, err
}
