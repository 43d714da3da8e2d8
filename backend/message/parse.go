package message

import "bytes"

// Bounds on what one message can make us do.
const (
	maxDepth  = 100     // parts inside parts
	maxParts  = 10_000  // parts of one message
	maxHeader = 1 << 20 // bytes of one header that are looked at for fields
)

// parser builds the part tree of one message in one pass over it.
type parser struct {
	raw   []byte
	open  [][]byte // boundaries of the multiparts around the current position, outermost first
	found []found  // known fields of all parts, in the order of the message
	facts []facts  // one for each part, parents before their children
	depth int

	mark      int // position up to which line ends were counted
	markLines int
}

// facts is what BODYSTRUCTURE needs to know about a part beside its place in the tree.
type facts struct {
	from, to int // its fields are parser.found[from:to]
	media    mediaType
	encoding []byte // as written; nil when there is none
	lines    int    // line ends in its body
}

// part parses one part, header first, up to the delimiter that ends it.
func (p *parser) part(at int, digest bool) (Part, delimiter) {
	me := len(p.facts)
	f := facts{from: len(p.found)}
	body, end, cut := p.header(at)
	f.to = len(p.found)
	fields := p.found[f.from:f.to]
	f.media = parseMediaType(last(fields, fieldType), digest)
	f.encoding = parseEncoding(last(fields, fieldEncoding))
	part := Part{Header: int64(at), Body: int64(body), End: int64(body), Encoding: encodingOf(f.encoding)}
	if part.Kind = f.media.kind(); part.Kind != Leaf && p.depth >= maxDepth {
		f.media = mediaType{main: wordOpaqueType, sub: wordOpaqueSub}
		part.Kind = Leaf
	}
	if part.Text = part.Kind == Leaf && f.media.readable(); part.Text {
		part.Charset = string(bytes.ToLower(f.media.param(wordCharset)))
	}
	p.facts = append(p.facts, f)
	before := p.linesTo(body)
	if !cut {
		p.depth++
		end = p.body(&part, &f.media)
		p.depth--
	}
	p.facts[me].lines = p.linesTo(int(part.End)) - before
	return part, end
}

// header finds where the header that starts at at ends and keeps its known fields. cut is true when
// a boundary line came before the blank line: then there is no body.
func (p *parser) header(at int) (body int, end delimiter, cut bool) {
	for i := at; ; {
		if end, cut = p.delimiterAt(i); cut {
			return i, end, true
		}
		f, ok := nextField(p.raw, i)
		if !ok {
			return i + blankLine(p.raw[i:]), end, false
		}
		if kind := kindOf(f.name); kind != otherField && f.end-at <= maxHeader {
			p.found = append(p.found, found{kind, f.value})
		}
		i = f.end
	}
}

// body parses what follows the header, sets part.End and Children, and gives the delimiter there.
func (p *parser) body(part *Part, media *mediaType) delimiter {
	switch part.Kind {
	case Rfc822:
		child, end := p.part(int(part.Body), false)
		part.Children = []Part{child}
		part.End = max(child.End, child.Body)
		return end
	case Multipart:
		if boundary := media.param(wordBoundary); len(boundary) > 0 {
			return p.multipart(part, boundary, media.is(wordMultipart, wordDigest))
		}
	}
	return p.skipTo(part, int(part.Body))
}

// multipart parses preamble, body parts and epilogue. RFC 2046, 5.1.1.
func (p *parser) multipart(part *Part, boundary []byte, digest bool) delimiter {
	level := len(p.open)
	p.open = append(p.open, boundary)
	d := p.nextDelimiter(int(part.Body))
	for d.level == level && !d.closing && len(p.facts) < maxParts {
		var child Part
		child, d = p.part(d.next, digest)
		part.Children = append(part.Children, child)
	}
	p.open = p.open[:level]
	if d.level == level {
		return p.skipTo(part, d.next)
	}
	part.End = p.endBefore(d, part.Body)
	return d
}

// skipTo ends a part at the next delimiter.
func (p *parser) skipTo(part *Part, from int) delimiter {
	d := p.nextDelimiter(from)
	part.End = p.endBefore(d, part.Body)
	return d
}

// endBefore is where a body that started at body ends: the line end before a boundary line belongs
// to the boundary. RFC 2046, 5.1.1.
func (p *parser) endBefore(d delimiter, body int64) int64 {
	if d.level < 0 {
		return int64(d.at)
	}
	return max(body, int64(len(trimLineEnd(p.raw[:d.at]))))
}

// linesTo counts the line ends up to a position; positions may only grow.
func (p *parser) linesTo(at int) int {
	if at > p.mark {
		p.markLines += bytes.Count(p.raw[p.mark:at], newline)
		p.mark = at
	}
	return p.markLines
}
