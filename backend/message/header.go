package message

import "bytes"

// field is one header field as it stands in the message.
type field struct {
	name  []byte // without the colon and white space before it; empty when the line is no field
	value []byte // after the colon, folded lines and all, without the last line end
	end   int    // where the next field starts
}

// nextField reads the field that starts at h[at]. ok is false at the blank line and at the end.
// A line ends with LF, with or without CR before it; a bare CR is an ordinary byte.
func nextField(h []byte, at int) (f field, ok bool) {
	if at >= len(h) || blankLine(h[at:]) > 0 {
		return field{end: at}, false
	}
	first := lineEnd(h, at)
	f.end = fieldEnd(h, at)
	colon := bytes.IndexByte(h[at:first], ':')
	if colon < 0 {
		return f, true
	}
	f.name = bytes.TrimRight(h[at:at+colon], " \t")
	f.value = trimLineEnd(h[at+colon+1 : f.end])
	return f, true
}

// lineEnd is where the line after the one around at starts.
func lineEnd(b []byte, at int) int {
	if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(b)
}

// fieldEnd is where the field ends that the line around at is part of.
func fieldEnd(h []byte, at int) int {
	for at = lineEnd(h, at); at < len(h) && (h[at] == ' ' || h[at] == '\t'); {
		at = lineEnd(h, at)
	}
	return at
}

// skipFields is where the first field from the one at at on starts whose name begins with initial,
// given in lower case, or the end.
func skipFields(h []byte, at int, initial byte) int {
	for at < len(h) && lower(h[at]) != initial {
		at = lineEnd(h, at)
	}
	return at
}

// blankLine is the length of the blank line b starts with, 0 when it does not.
func blankLine(b []byte) int {
	switch {
	case len(b) >= 1 && b[0] == '\n':
		return 1
	case len(b) >= 2 && b[0] == '\r' && b[1] == '\n':
		return 2
	}
	return 0
}

// trimLineEnd cuts one line end off.
func trimLineEnd(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
		if n > 1 && b[n-2] == '\r' {
			b = b[:n-2]
		}
	}
	return b
}

// appendUnfolded appends a field value on one line: white space around it is dropped, a line end
// with the white space around it becomes one blank. RFC 5322, 2.2.3.
func appendUnfolded(dst, value []byte) []byte {
	value = trimSpace(value)
	for {
		i := bytes.IndexByte(value, '\n')
		if i < 0 {
			return append(dst, value...)
		}
		dst = append(append(dst, bytes.TrimRight(value[:i], " \t\r")...), ' ')
		value = trimSpace(value[i:])
	}
}

// trimSpace cuts blanks, tabs and line ends off both sides.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// fieldKind tells the fields that ENVELOPE and BODYSTRUCTURE are made of.
type fieldKind uint8

const (
	otherField fieldKind = iota
	fieldDate
	fieldSubject
	fieldFrom
	fieldSender
	fieldReplyTo
	fieldTo
	fieldCc
	fieldBcc
	fieldInReplyTo
	fieldMessageID
	fieldReferences
	fieldMIMEVersion
	fieldType
	fieldEncoding
	fieldID
	fieldDescription
	fieldMD5
	fieldDisposition
	fieldLanguage
	fieldLocation
)

// longest name that kindOf knows
const maxKnownName = len("content-transfer-encoding")

// kindOf looks a field name up, in any case.
func kindOf(name []byte) fieldKind {
	if len(name) > maxKnownName || len(name) < 2 {
		return otherField
	}
	var low [maxKnownName]byte
	for i, c := range name {
		low[i] = lower(c)
	}
	switch string(low[:len(name)]) {
	case "date":
		return fieldDate
	case "subject":
		return fieldSubject
	case "from":
		return fieldFrom
	case "sender":
		return fieldSender
	case "reply-to":
		return fieldReplyTo
	case "to":
		return fieldTo
	case "cc":
		return fieldCc
	case "bcc":
		return fieldBcc
	case "in-reply-to":
		return fieldInReplyTo
	case "message-id":
		return fieldMessageID
	case "references":
		return fieldReferences
	case "mime-version":
		return fieldMIMEVersion
	}
	return kindOfContent(low[:len(name)])
}

func kindOfContent(low []byte) fieldKind {
	switch string(low) {
	case "content-type":
		return fieldType
	case "content-transfer-encoding":
		return fieldEncoding
	case "content-id":
		return fieldID
	case "content-description":
		return fieldDescription
	case "content-md5":
		return fieldMD5
	case "content-disposition":
		return fieldDisposition
	case "content-language":
		return fieldLanguage
	case "content-location":
		return fieldLocation
	}
	return otherField
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// found is a field worth keeping while a message is parsed.
type found struct {
	kind  fieldKind
	value []byte
}

// first gives the value of the first field of a kind; nil when there is none.
func first(fs []found, kind fieldKind) []byte {
	for i := range fs {
		if fs[i].kind == kind {
			return fs[i].value
		}
	}
	return nil
}

// last gives the value of the last field of a kind; nil when there is none.
func last(fs []found, kind fieldKind) []byte {
	for i := len(fs) - 1; i >= 0; i-- {
		if fs[i].kind == kind {
			return fs[i].value
		}
	}
	return nil
}

// folded tells whether a field value runs over several lines.
func folded(value []byte) bool { return bytes.IndexByte(value, '\n') >= 0 }
