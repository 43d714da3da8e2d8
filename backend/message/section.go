package message

// SectionKind is the last word of a body section.
type SectionKind uint8

// The kinds of sections of RFC 3501, 6.4.5.
const (
	Whole SectionKind = iota
	Header
	HeaderFields
	HeaderFieldsNot
	MIME
	Text
)

// Section names a piece of a message: BODY[1.2.HEADER.FIELDS (A B)] is
// Section{Path: []int{1, 2}, Kind: HeaderFields, Fields: []string{"A", "B"}}.
type Section struct {
	Path   []int
	Kind   SectionKind
	Fields []string
}

// Locate gives the byte range of a section in the whole message; for HeaderFields and
// HeaderFieldsNot it is the header to be filtered with AppendHeaderFields. ok is false when the
// message has no such part, or the part has no such header.
func (p *Part) Locate(s Section) (from, to int64, ok bool) {
	if len(s.Path) == 0 {
		return p.piece(s.Kind)
	}
	part, ok := p.find(s.Path)
	if !ok {
		return 0, 0, false
	}
	switch s.Kind {
	case Whole:
		return part.Body, part.End, true
	case MIME:
		return part.Header, part.Body, true
	}
	// RFC 3501, 6.4.5: HEADER and TEXT of a part are those of the message embedded in it.
	if part.Kind != Rfc822 {
		return 0, 0, false
	}
	from, to, ok = part.Children[0].piece(s.Kind)
	if to == part.Children[0].End && (s.Kind == HeaderFields || s.Kind == HeaderFieldsNot) {
		to = part.End // with the blank line of a message that is only a header
	}
	return from, to, ok
}

// piece gives a piece of a message, embedded or not.
func (p *Part) piece(kind SectionKind) (from, to int64, ok bool) {
	switch kind {
	case Whole:
		return p.Header, p.End, true
	case Text:
		return p.Body, p.End, true
	case MIME:
		return 0, 0, false
	}
	return p.Header, p.Body, true
}

// find follows part numbers through a message. RFC 3501, 6.4.5: the only part of a message that is
// not multipart has the number 1; the parts of an embedded message follow its own number. The only
// part in a part of a multipart may be asked for as 1 as well: clients do.
func (p *Part) find(path []int) (*Part, bool) {
	numbered := false // p itself was asked for by a number
	single := true    // p may be asked for by the number 1
	for _, n := range path {
		if p.Kind == Rfc822 && numbered {
			p, single = &p.Children[0], true
		}
		numbered = true
		switch {
		case p.Kind == Multipart:
			if n < 1 || n > len(p.Children) {
				return nil, false
			}
			p, single = &p.Children[n-1], true
		case n != 1 || !single:
			return nil, false
		default:
			single = false
		}
	}
	return p, true
}
