package message

import "bytes"

// delimiter is a line that ends a part: a boundary line, or the end of the message.
type delimiter struct {
	at, next int  // where the line starts, and the line after it
	level    int  // index into parser.open; -1 at the end of the message
	closing  bool // the boundary is followed by "--"
}

var (
	newline    = []byte("\n")
	dashes     = []byte("--")
	lineDashes = []byte("\n--")
)

// nextDelimiter looks for a boundary line of any open multipart. from is the start of a line.
func (p *parser) nextDelimiter(from int) delimiter {
	if len(p.open) == 0 {
		return delimiter{at: len(p.raw), next: len(p.raw), level: -1}
	}
	if d, ok := p.delimiterAt(from); ok {
		return d
	}
	for {
		i := bytes.Index(p.raw[from:], lineDashes)
		if i < 0 {
			return delimiter{at: len(p.raw), next: len(p.raw), level: -1}
		}
		from += i + 1
		if d, ok := p.delimiterAt(from); ok {
			return d
		}
	}
}

// delimiterAt tells whether the line that starts at at is a boundary line. A line counts when it
// begins with an open boundary, whatever follows. Of several such boundaries the line is that of the
// innermost one it equals, or else of the longest: with "ab" and "abc" open, "--abc" ends an "abc".
func (p *parser) delimiterAt(at int) (d delimiter, ok bool) {
	if len(p.open) == 0 || !bytes.HasPrefix(p.raw[at:], dashes) {
		return d, false
	}
	next := lineEnd(p.raw, at)
	line := trimLineEnd(p.raw[at+2 : next])
	trimmed := len(bytes.TrimRight(line, " \t"))
	best := -1
	for i := len(p.open) - 1; i >= 0; i-- {
		b := p.open[i]
		if !bytes.HasPrefix(line, b) || best >= 0 && len(b) <= len(p.open[best]) {
			continue
		}
		best = i
		if rest := trimmed - len(b); rest <= 0 || rest == 2 && bytes.HasPrefix(line[len(b):], dashes) {
			break
		}
	}
	if best < 0 {
		return d, false
	}
	closing := bytes.HasPrefix(line[len(p.open[best]):], dashes)
	return delimiter{at: at, next: next, level: best, closing: closing}, true
}
