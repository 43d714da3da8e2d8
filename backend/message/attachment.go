package message

import "io"

// Attachment is a part whose body is no text, as Scratch.Extract is given it: valid during the call.
type Attachment struct {
	Type []byte // its media type in lower case, without parameters
	At   int64  // where its header starts: no other attachment of the message starts there

	body     []byte
	encoding Encoding
	piece    []byte
}

// WriteTo writes the body without its transfer encoding, some of it at a time.
func (a *Attachment) WriteTo(w io.Writer) (int64, error) {
	decode := Decoder{Encoding: a.encoding}
	written, b := int64(0), a.body
	for end := false; !end; {
		n := min(len(b), pieceSize)
		a.piece = decode.Append(a.piece[:0], b[:n])
		b = b[n:]
		if end = len(b) == 0; end {
			a.piece = decode.Flush(a.piece)
		}
		n, err := w.Write(a.piece)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// attached yields what Extract finds in a part, given with its header, as the text of a body. What is in an
// encoding that cannot be undone has none.
func (s *Scratch) attached(part []byte, p *Part, size int, each func(p Piece) bool) bool {
	if p.Encoding == Unknown {
		return true
	}
	a := &s.attachment
	a.Type = appendTypeOf(a.Type[:0], part[:p.Body-p.Header])
	a.At, a.body, a.encoding = p.Header, part[p.Body-p.Header:], p.Encoding
	s.extracted = s.Extract(s.extracted[:0], a)
	return len(s.extracted) == 0 || s.content(s.extracted, content{}, size, each)
}

// appendTypeOf appends the media type that the header of a part gives it, in lower case. As in BODYSTRUCTURE the
// first field counts.
func appendTypeOf(dst, header []byte) []byte {
	for at := 0; ; {
		f, ok := nextField(header, skipFields(header, at, 'c'))
		if !ok {
			return dst
		}
		at = f.end
		if kindOf(f.name) != fieldType {
			continue
		}
		l := lexer{s: f.value}
		m, _ := parseType(&l)
		dst = append(append(append(dst, m.main...), '/'), m.sub...)
		for i, c := range dst {
			dst[i] = lower(c)
		}
		return dst
	}
}
