package message

// Decoder undoes a Content-Transfer-Encoding of a body that comes in pieces, wherever they are cut. It
// never fails: what is not in the encoding is skipped or stays as it is, and Unknown changes nothing.
// It may be copied, and both go on from there.
type Decoder struct {
	Encoding Encoding

	base64    base64Decoder
	quotation quotedPrintableDecoder
}

// Append decodes more of the body. A few bytes may wait for the next piece.
func (d *Decoder) Append(dst, piece []byte) []byte {
	switch d.Encoding {
	case QuotedPrintable:
		return d.quotation.append(dst, piece)
	case Base64:
		return d.base64.append(dst, piece)
	}
	return append(dst, piece...)
}

// Flush decodes what waits, at the end of the body.
func (d *Decoder) Flush(dst []byte) []byte {
	switch d.Encoding {
	case QuotedPrintable:
		return d.quotation.flush(dst)
	case Base64:
		return d.base64.flush(dst)
	}
	return dst
}

// LocateBinary gives the byte range of a part's body in the whole message and the encoding to be
// undone (RFC 3516, 4.2); an empty path is the message itself. What is made of parts has none: RFC
// 2045, 6.4. ok is false when there is no such part.
func (p *Part) LocateBinary(path []int) (from, to int64, encoding Encoding, ok bool) {
	if len(path) == 0 {
		return p.Header, p.End, Identity, true
	}
	part, ok := p.find(path)
	if !ok {
		return 0, 0, Identity, false
	}
	if part.Kind == Leaf {
		encoding = part.Encoding
	}
	return part.Body, part.End, encoding, true
}
