package message

import (
	"bytes"
	"strconv"
)

// maxQuoted is the longest text written as a quoted string instead of a literal.
const maxQuoted = 1024

// appendString writes an IMAP string: quoted, or a literal when it is long or has bytes that a
// quoted string cannot hold. RFC 3501, 4.3. NUL, which neither can hold, becomes U+FFFD.
func appendString(dst, s []byte) []byte {
	if !quotable(s) {
		if bytes.IndexByte(s, 0) >= 0 {
			s = bytes.ReplaceAll(s, []byte{0}, []byte("\uFFFD"))
		}
		dst = append(dst, '{')
		dst = strconv.AppendInt(dst, int64(len(s)), 10)
		dst = append(dst, "}\r\n"...)
		return append(dst, s...)
	}
	return appendQuoted(dst, s)
}

func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

func quotable(s []byte) bool {
	if len(s) > maxQuoted {
		return false
	}
	for _, c := range s {
		if c >= 0x80 || c == '\r' || c == '\n' || c == 0 {
			return false
		}
	}
	return true
}

// appendNString writes NIL for nil.
func appendNString(dst, s []byte) []byte {
	if s == nil {
		return append(dst, "NIL"...)
	}
	return appendString(dst, s)
}

// appendFieldText writes an unstructured field value on one line, NIL for nil.
func appendFieldText(dst, value []byte) []byte {
	if value == nil {
		return append(dst, "NIL"...)
	}
	if folded(value) {
		return appendString(dst, appendUnfolded(nil, value))
	}
	return appendString(dst, trimSpace(value))
}
