package message

import (
	"bytes"
	"encoding/binary"
)

// HeadField names one of the fields kept in Message.HeadText.
type HeadField uint8

// The fields that FROM, TO, CC, BCC and SUBJECT search.
const (
	From HeadField = iota
	To
	Cc
	Bcc
	Subject
)

// headFieldOf tells which fields of a message go into HeadText.
func headFieldOf(kind fieldKind) (field HeadField, ok bool) {
	switch kind {
	case fieldFrom:
		return From, true
	case fieldTo:
		return To, true
	case fieldCc:
		return Cc, true
	case fieldBcc:
		return Bcc, true
	case fieldSubject:
		return Subject, true
	}
	return 0, false
}

// appendHeadText appends one record for each of these fields: its HeadField, the length of its text,
// and the text, decoded and folded. Addresses are written in one way however they came.
func (p *addressParser) appendHeadText(dst []byte, fields []found) []byte {
	var t decoder
	var space [3][256]byte
	plain, text, folded := space[0][:0], space[1][:0], space[2][:0]
	for i := range fields {
		field, ok := headFieldOf(fields[i].kind)
		if !ok {
			continue
		}
		if field == Subject {
			plain = appendCompressed(plain[:0], fields[i].value)
		} else {
			plain = p.appendAddressText(plain[:0], fields[i].value)
		}
		text = t.appendDecoded(text[:0], plain)
		folded = Fold(folded[:0], text)
		dst = append(dst, byte(field))
		dst = binary.AppendUvarint(dst, uint64(len(folded)))
		dst = append(dst, folded...)
	}
	return dst
}

// EachHeadText gives each the fields stored in Message.HeadText, in order; text is decoded and folded.
func EachHeadText(headText []byte, each func(f HeadField, text []byte)) {
	for {
		f, text, rest, ok := nextHeadText(headText)
		if !ok {
			return
		}
		each(f, text)
		headText = rest
	}
}

// HeadTextContains tells whether a field, as stored in Message.HeadText, contains the folded needle.
// An empty needle asks whether the field exists.
func HeadTextContains(headText []byte, field HeadField, needle []byte) bool {
	for {
		f, text, rest, ok := nextHeadText(headText)
		if !ok {
			return false
		}
		if f == field && bytes.Contains(text, needle) {
			return true
		}
		headText = rest
	}
}

// nextHeadText reads one record. ok is false at the end, and when the rest is damaged.
func nextHeadText(headText []byte) (field HeadField, text, rest []byte, ok bool) {
	if len(headText) == 0 || headText[0] > byte(Subject) {
		return 0, nil, nil, false
	}
	n, size := binary.Uvarint(headText[1:])
	if size <= 0 || n > uint64(len(headText)-1-size) {
		return 0, nil, nil, false
	}
	text = headText[1+size:][:n]
	return HeadField(headText[0]), text, headText[1+size+int(n):], true
}

// appendCompressed appends a field value with each run of white space as one blank.
func appendCompressed(dst, value []byte) []byte {
	for start := len(dst); ; {
		value = trimSpace(value)
		if len(value) == 0 {
			return dst
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		n := bytes.IndexAny(value, " \t\r\n")
		if n < 0 {
			n = len(value)
		}
		dst = append(dst, value[:n]...)
		value = value[n:]
	}
}

// appendAddressText appends an address list in one form: <a@b>, "A B" <c@d>, group: <e@f>;, empty:;
func (p *addressParser) appendAddressText(dst, value []byte) []byte {
	p.reset(value)
	sep := ""
	for a, ok := p.next(); ok; a, ok = p.next() {
		switch a.kind {
		case groupStart:
			dst = append(dst, sep...)
			dst = append(appendName(dst, a.name), ':')
			sep = " "
		case groupEnd:
			dst = append(dst, ';')
			sep = ", "
		default:
			dst = append(dst, sep...)
			dst = a.appendText(dst)
			sep = ", "
		}
	}
	return dst
}

// appendText appends one mailbox.
func (a *address) appendText(dst []byte) []byte {
	if len(a.name) > 0 {
		dst = append(appendName(dst, a.name), ' ')
	}
	dst = append(dst, '<')
	if len(a.route) > 0 {
		dst = append(append(dst, a.route...), ':')
	}
	dst = appendPhrase(dst, a.local, true)
	if len(a.host) > 0 {
		dst = append(append(dst, '@'), a.host...)
	}
	return append(dst, '>')
}

// appendName appends a display name. Encoded words do not work inside quotes (RFC 2047, 5), so a
// name with one stays without.
func appendName(dst, name []byte) []byte {
	if bytes.Contains(name, wordStart) {
		return append(dst, name...)
	}
	return appendPhrase(dst, name, false)
}

// appendPhrase appends text as an atom, or a quoted string when it is not one.
func appendPhrase(dst, text []byte, dots bool) []byte {
	for _, c := range text {
		if atomStop[c] && !(dots && c == '.') {
			return appendQuoted(dst, text)
		}
	}
	return append(dst, text...)
}
