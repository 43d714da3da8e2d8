package message

import (
	"encoding/binary"
	"errors"
)

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

// The encodings that can be undone, and Unknown for all others.
const (
	Identity Encoding = iota // 7bit, 8bit, binary
	QuotedPrintable
	Base64
	Unknown
)

// Part is one node of the part tree. Offsets count bytes from the start of the whole message:
// [Header,Body) is the header with its blank line, [Body,End) is the body.
type Part struct {
	Header, Body, End int64
	Kind              PartKind
	Encoding          Encoding
	Text              bool   // has no parts and is for people to read: text/*, message/*, or no type
	Charset           string // of such a part, lower case; "" when not given
	Children          []Part
}

// ErrParts is returned for bytes that AppendBinary did not write.
var ErrParts = errors.New("message: malformed part tree")

// The first byte of a part in its compact form: two bits of kind, two of encoding, and flags.
const (
	encodingShift = 2
	textFlag      = 1 << 4
	charsetFlag   = 1 << 5
	lowBits       = 3
	maxCharset    = 64 // bytes of a charset name that are kept
)

// AppendBinary appends a compact form of the tree to dst; DecodeParts reads it.
func (p *Part) AppendBinary(dst []byte) []byte { return p.append(dst, 0) }

// append writes offsets as distances: from what stands before the part to its header, then on.
func (p *Part) append(dst []byte, before int64) []byte {
	flags := byte(p.Kind) | byte(p.Encoding)<<encodingShift
	if p.Text {
		flags |= textFlag
	}
	if p.Charset != "" {
		flags |= charsetFlag
	}
	dst = append(dst, flags)
	dst = binary.AppendUvarint(dst, uint64(p.Header-before))
	dst = binary.AppendUvarint(dst, uint64(p.Body-p.Header))
	dst = binary.AppendUvarint(dst, uint64(p.End-p.Body))
	if p.Charset != "" {
		dst = binary.AppendUvarint(dst, uint64(len(p.Charset)))
		dst = append(dst, p.Charset...)
	}
	if p.Kind == Leaf {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(len(p.Children)))
	before = p.Body
	for i := range p.Children {
		dst = p.Children[i].append(dst, before)
		before = p.Children[i].End
	}
	return dst
}

// DecodeParts reads what AppendBinary wrote, or returns ErrParts.
func DecodeParts(b []byte) (Part, error) {
	d := partDecoder{in: b}
	p := d.part(0, 0)
	if d.bad || len(d.in) != 0 {
		return Part{}, ErrParts
	}
	return p, nil
}

type partDecoder struct {
	in  []byte
	bad bool
}

func (d *partDecoder) part(before int64, depth int) (p Part) {
	if len(d.in) == 0 || depth > maxDepth+1 {
		d.bad = true
		return p
	}
	flags := d.in[0]
	d.in = d.in[1:]
	p.Kind = PartKind(flags & lowBits)
	p.Encoding = Encoding(flags >> encodingShift & lowBits)
	p.Text = flags&textFlag != 0
	p.Header = before + d.number()
	p.Body = p.Header + d.number()
	p.End = p.Body + d.number()
	if flags&charsetFlag != 0 {
		p.Charset = d.text()
	}
	if p.Kind != Leaf {
		d.children(&p, depth)
	}
	d.bad = d.bad || p.Kind > Rfc822 || p.Kind == Rfc822 && len(p.Children) != 1
	return p
}

func (d *partDecoder) children(p *Part, depth int) {
	n := d.number()
	if n > int64(len(d.in)) {
		d.bad = true
		return
	}
	if n > 0 {
		p.Children = make([]Part, 0, min(n, maxParts))
	}
	before := p.Body
	for ; n > 0 && !d.bad; n-- {
		p.Children = append(p.Children, d.part(before, depth+1))
		before = p.Children[len(p.Children)-1].End
	}
}

// number reads a distance; messages are shorter than 2^40 bytes.
func (d *partDecoder) number() int64 {
	v, n := binary.Uvarint(d.in)
	if n <= 0 || v >= 1<<40 {
		d.bad = true
		return 0
	}
	d.in = d.in[n:]
	return int64(v)
}

func (d *partDecoder) text() string {
	n := d.number()
	if n > int64(len(d.in)) {
		d.bad = true
		return ""
	}
	s := string(d.in[:n])
	d.in = d.in[n:]
	return s
}
