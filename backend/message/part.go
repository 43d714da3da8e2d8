package message

import "errors"

// PartKind says what the body of a part is made of.
type PartKind uint8

// The kinds of parts.
const (
	Leaf      PartKind = iota // bytes without parts of their own
	Multipart                 // Children are the body parts
	Rfc822                    // Children[0] is the embedded message
)

// Encoding is the Content-Transfer-Encoding of a part.
type Encoding uint8

// The encodings that can be undone, and Unknown for the others.
const (
	Identity Encoding = iota // 7bit, 8bit, binary
	QuotedPrintable
	Base64
	UUEncode
	Unknown
)

// Part is one node of the part tree. Offsets count bytes from the start of the whole message:
// [Header,Body) is the header including its blank line, [Body,End) is the body.
type Part struct {
	Header, Body, End int64
	Kind              PartKind
	Encoding          Encoding
	Text              bool   // the media type is text/*, or defaults to it
	Charset           string // of a text part, lower case; "" when not given
	Children          []Part
}

// ErrParts is returned for bytes that AppendBinary did not write.
var ErrParts = errors.New("message: malformed part tree")

// AppendBinary appends a compact form of the tree to dst.
func (p *Part) AppendBinary(dst []byte) []byte { return dst }

// DecodeParts reads what AppendBinary wrote.
func DecodeParts(b []byte) (Part, error) { return Part{}, nil }
