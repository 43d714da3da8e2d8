package message

import "bytes"

// Bounds on what one message can make us do.
const (
	maxDepth  = 100     // parts inside parts
	maxParts  = 10_000  // parts of one message
	maxHeader = 1 << 20 // bytes of one header that are looked at for fields
	maxFields = 100_000 // known fields of one message
)

// parser builds the part tree of one message in one pass over it.
type parser struct {
	raw    []byte
	open   [][]byte // boundaries of the multiparts around the current position, outermost first
	found  []found  // known fields of all parts, in the order of the message
	facts  []facts  // one for each part, parents before their children
	depth  int
	global bool // message/global has parts
	bare   int  // position of the last boundary line that came right after a header

	mark      int // position up to which line ends were counted
	markLines int
}

// facts is what BODYSTRUCTURE needs to know about a part beside its place in the tree.
type facts struct {
	from, to int // its fields are parser.found[from:to]
	media    mediaType
	encoding []byte // as written
	lines    int    // line ends in its body
}

// place says where a part stands, which decides about defaults.
type place uint8

const (
	inMessage place = iota // the message itself, or the one inside a message/rfc822 part
	inMixed                // a part of a multipart
	inDigest               // a part of a multipart/digest
)

// part parses one part, header first, up to the delimiter that ends it.
func (p *parser) part(at int, where place) (Part, delimiter) {
	me, from := len(p.facts), len(p.found)
	body, end, cut := p.header(at)
	if where == inMessage {
		p.dropContent(from)
	}
	part := Part{Header: int64(at), Body: int64(body), End: int64(body)}
	media := p.describe(&part, from, where)
	before := p.linesTo(body)
	switch {
	case !cut:
		p.depth++
		end = p.body(&part, &media)
		p.depth--
	case part.Kind == Rfc822:
		part.Children = []Part{p.nothing(part.Body)}
	}
	f := &p.facts[me]
	f.lines = p.linesTo(int(part.End)) - before
	if len(part.Children) == 0 {
		p.text(&part, p.found[f.from:f.to], media)
	}
	return part, end
}

// describe reads from the fields found[from:] what kind of part it is, and adds its facts.
func (p *parser) describe(part *Part, from int, where place) mediaType {
	fields := p.found[from:]
	f := facts{from: from, to: len(p.found)}
	f.media = parseMediaType(first(fields, fieldType), where == inDigest)
	f.encoding, part.Encoding = parseEncoding(fields)
	if part.Kind = f.media.kind(p.global); part.Kind != Leaf && p.depth >= maxDepth {
		f.media = mediaType{main: wordOpaqueType, sub: wordOpaqueSub}
		part.Kind = Leaf
	}
	p.facts = append(p.facts, f)
	return f.media
}

// header finds where the header that starts at at ends and keeps its known fields. cut is true when
// a boundary line came before the blank line: then there is no body, and the line end before the
// boundary is not part of the header.
func (p *parser) header(at int) (body int, end delimiter, cut bool) {
	for i := at; ; {
		if end, cut = p.delimiterAt(i); cut {
			p.bare = i
			return max(at, len(trimLineEnd(p.raw[:i]))), end, true
		}
		f, ok := nextField(p.raw, i)
		if !ok {
			return i + blankLine(p.raw[i:]), end, false
		}
		if kind := kindOf(f.name); kind != otherField && f.end-at <= maxHeader && len(p.found) < maxFields {
			p.found = append(p.found, found{kind, f.value})
		}
		i = f.end
	}
}

// text tells whether a part without parts is for people to read. Where a header says twice what it
// is, for instance a multipart without parts that goes on as text, the last word counts.
func (p *parser) text(part *Part, fields []found, media mediaType) {
	if value := last(fields, fieldType); value != nil && media.params != nil {
		media = parseMediaType(value, false)
	}
	if part.Text = part.Encoding != Unknown && media.readable(); part.Text {
		name := media.param(wordCharset)
		part.Charset = string(bytes.ToLower(name[:min(len(name), maxCharset)]))
	}
}

// dropContent forgets the Content-* fields of a message that does not say it is MIME, with
// MIME-Version or a Content-Type. RFC 2045, 4.
func (p *parser) dropContent(from int) {
	fields := p.found[from:]
	if first(fields, fieldMIMEVersion) != nil || first(fields, fieldType) != nil {
		return
	}
	kept := p.found[:from]
	for _, f := range fields {
		if f.kind < fieldMIMEVersion {
			kept = append(kept, f)
		}
	}
	p.found = kept
}

// body parses what follows the header, sets part.End and Children, and gives the delimiter there.
func (p *parser) body(part *Part, media *mediaType) delimiter {
	switch part.Kind {
	case Rfc822:
		return p.embedded(part)
	case Multipart:
		where := inMixed
		if media.is(wordMultipart, wordDigest) {
			where = inDigest
		}
		if boundary := media.param(wordBoundary); len(boundary) > 0 {
			return p.multipart(part, boundary, where)
		}
	}
	return p.skipTo(part, int(part.Body))
}

// nothing is the message in a message/rfc822 part that has no body to hold one.
func (p *parser) nothing(at int64) Part {
	n := len(p.found)
	p.facts = append(p.facts, facts{from: n, to: n, media: parseMediaType(nil, false), encoding: word7bit})
	return Part{Header: at, Body: at, End: at, Text: true}
}

// embedded parses the message in a message/rfc822 part.
func (p *parser) embedded(part *Part) delimiter {
	child, end := p.part(int(part.Body), inMessage)
	switch {
	case end.at == int(part.Body): // nothing at all, not even a header
		p.endBefore(part, end)
		child.Header, child.Body, child.End = part.Body, part.Body, part.Body
	case end.at == p.bare:
		// The last line end of a message that is only a header, though it is also the one that
		// belongs to the boundary, counts as part of the message.
		part.End = int64(end.at)
	default:
		part.End = child.End
	}
	part.Children = []Part{child}
	return end
}

// multipart parses preamble, body parts and epilogue. RFC 2046, 5.1.1.
func (p *parser) multipart(part *Part, boundary []byte, where place) delimiter {
	level := len(p.open)
	p.open = append(p.open, boundary)
	d := p.nextDelimiter(int(part.Body))
	for d.level == level && !d.closing && len(p.facts) < maxParts {
		var child Part
		child, d = p.part(d.next, where)
		part.Children = append(part.Children, child)
	}
	p.open = p.open[:level]
	if d.level == level {
		return p.skipTo(part, d.next)
	}
	p.endBefore(part, d)
	if n := len(part.Children); n > 0 {
		part.End = max(part.End, part.Children[n-1].End) // an empty part may lie on its line end
	}
	return d
}

// skipTo ends a part at the next delimiter.
func (p *parser) skipTo(part *Part, from int) delimiter {
	d := p.nextDelimiter(from)
	p.endBefore(part, d)
	return d
}

// endBefore ends a part before a delimiter. The line end before a boundary line belongs to the
// boundary, even if it is all that there is of a blank line after the header. RFC 2046, 5.1.1.
func (p *parser) endBefore(part *Part, d delimiter) {
	part.End = int64(d.at)
	if d.level >= 0 {
		if part.End == part.Body {
			p.bare = d.at
		}
		part.End = max(part.Header, int64(len(trimLineEnd(p.raw[:d.at]))))
	}
	part.Body = min(part.Body, part.End)
}

// linesTo counts the line ends up to a position; positions may only grow.
func (p *parser) linesTo(at int) int {
	if at > p.mark {
		p.markLines += bytes.Count(p.raw[p.mark:at], newline)
		p.mark = at
	}
	return p.markLines
}
