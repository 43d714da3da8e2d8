package server

import (
	"strings"
	"unicode/utf8"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/wire"
)

// searchParser reads search keys into a query.
type searchParser struct {
	s       *session
	charset string // of the strings, "" when not given
	keys    int
}

// searchQuery reads the arguments of SEARCH, to the end of the line.
func (s *session) searchQuery() (*backend.Query, error) {
	p := &searchParser{s: s}
	if err := s.wire.SP(); err != nil {
		return nil, err
	}
	first, err := p.begin()
	if err != nil {
		return nil, err
	}
	keys := []*backend.Query{}
	if first != nil {
		keys = append(keys, first)
	}
	for len(keys) == 0 || s.wire.Peek() == ' ' {
		if err := s.wire.SP(); err != nil {
			return nil, err
		}
		key, err := p.key()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return backend.And(keys...), s.wire.EOL()
}

// begin reads what comes first: CHARSET, of which the key is nil, or a key.
func (p *searchParser) begin() (*backend.Query, error) {
	if !isWord(p.s.wire.Peek()) {
		return p.key()
	}
	word, err := p.s.wire.Word()
	if err != nil {
		return nil, err
	}
	if word != "CHARSET" {
		p.keys = 1
		return p.named(word)
	}
	if err := p.s.wire.SP(); err != nil {
		return nil, err
	}
	if p.charset, err = p.s.wire.AString(); err != nil {
		return nil, err
	}
	if !message.CharsetSupported(p.charset) {
		// RFC 3501, 7.1: the charsets that are known are listed; these are the
		// ones that every client has.
		return nil, p.s.no("BADCHARSET (UTF-8 US-ASCII)", "Unknown charset")
	}
	return nil, nil
}

// isWord reports whether a key that begins so has a name.
func isWord(c byte) bool { return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' }

// key reads one key.
func (p *searchParser) key() (*backend.Query, error) {
	if p.keys++; p.keys > maxListed {
		return nil, backend.ErrLimit
	}
	switch c := p.s.wire.Peek(); {
	case c == '(':
		return p.group()
	case isWord(c):
		word, err := p.s.wire.Word()
		if err != nil {
			return nil, err
		}
		return p.named(word)
	}
	set, err := p.s.set()
	if err != nil {
		return nil, err
	}
	return &backend.Query{Op: backend.QuerySeqs, Set: present(set, p.s.view.Exists())}, nil
}

// present drops the numbers that no message has: in a search they match nothing
// and are no error. Ranges are in order, with 0 for "*".
func present(set []backend.Range, exists uint32) []backend.Range {
	kept := set[:0]
	for _, r := range set {
		if r.First <= exists && exists > 0 {
			kept = append(kept, backend.Range{First: r.First, Last: min(r.Last, exists)})
		}
	}
	return kept
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

// needle reads SP and a string, and gives it decoded and folded.
func (p *searchParser) needle() ([]byte, error) {
	text, err := p.string()
	if err != nil {
		return nil, err
	}
	raw := []byte(text)
	if p.charset != "" && !strings.EqualFold(p.charset, "UTF-8") {
		raw, err = message.DecodeCharset(p.charset, raw)
	}
	if err != nil || !utf8.Valid(raw) {
		return nil, &wire.SyntaxError{Text: "The string is not in the charset"}
	}
	return message.Fold(nil, raw), nil
}

// day reads SP and a date, in days since 1970.
func (p *searchParser) day() (int64, error) {
	if err := p.s.wire.SP(); err != nil {
		return 0, err
	}
	date, err := p.s.wire.Date()
	if err != nil {
		return 0, err
	}
	seconds := date.Unix() // midnight UTC
	return (seconds - ((seconds%86400)+86400)%86400) / 86400, nil
}
