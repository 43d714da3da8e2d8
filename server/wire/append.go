package wire

import (
	"strconv"
	"strings"
	"time"
)

// maxQuoted is the longest string that is sent between quotes. Longer ones are literals, for clients with line limits.
const maxQuoted = 1024

// AppendNumber appends n in decimal.
func AppendNumber[T ~uint32 | ~uint64 | ~int | ~int64](dst []byte, n T) []byte {
	if n >= 0 {
		return strconv.AppendUint(dst, uint64(n), 10)
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

// AppendQuoted appends s between quotes. It must hold neither CR, LF, NUL nor, for IMAP4rev1, 8-bit bytes.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// AppendString appends s as a quoted string, or as a literal when it is long or has bytes that quotes cannot hold. A NUL
// goes into the literal as it is: the client gets the bytes that came in.
func AppendString(dst []byte, s string) []byte {
	if len(s) <= maxQuoted && isText(s) {
		return AppendQuoted(dst, s)
	}
	return append(AppendLiteralHeader(dst, int64(len(s))), s...)
}

// isText says whether s is made of TEXT-CHAR (RFC 3501, 9).
func isText(s string) bool {
	for i := range len(s) {
		if b := s[i]; b >= 0x80 || b == 0 || b == '\r' || b == '\n' {
			return false
		}
	}
	return true
}

// AppendAString appends s as an atom when it can be one, else as AppendString does.
func AppendAString(dst []byte, s string) []byte {
	if isAtom(s) {
		return append(dst, s...)
	}
	return AppendString(dst, s)
}

// isAtom says whether s can be sent as an atom and not be taken for NIL.
func isAtom(s string) bool {
	for i := range len(s) {
		if !atomChar[s[i]] {
			return false
		}
	}
	return s != "" && !strings.EqualFold(s, "NIL")
}

// AppendMailbox appends a UTF-8 mailbox name in modified UTF-7.
func AppendMailbox(dst []byte, name string) []byte {
	if isPlain(name) {
		return AppendAString(dst, name)
	}
	return append(appendMUTF7(append(dst, '"'), name, true), '"')
}

// AppendMailboxUTF8 appends a UTF-8 mailbox name as it is, for a client that has enabled IMAP4rev2 or UTF8=ACCEPT.
func AppendMailboxUTF8(dst []byte, name string) []byte {
	if isAtom(name) {
		return append(dst, name...)
	}
	if strings.ContainsAny(name, "\x00\r\n") {
		return append(AppendLiteralHeader(dst, int64(len(name))), name...)
	}
	return AppendQuoted(dst, name)
}

// AppendInternalDate appends a date-time in UTC with its quotes. RFC 3501, 9: years have four digits, so times before
// year 0 and after 9999 become the nearest that can be said.
func AppendInternalDate(dst []byte, unix int64) []byte {
	const first, last = -62167219200, 253402300799
	t := time.Unix(min(max(unix, first), last), 0).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = append(appendTwo(append(dst, '"'), day), '-')
	dst = append(dst, months[3*month-3:3*month]...)
	dst = appendTwo(appendTwo(append(dst, '-'), year/100), year%100)
	dst = appendTwo(append(dst, ' '), hour)
	dst = appendTwo(append(dst, ':'), minute)
	dst = appendTwo(append(dst, ':'), second)
	return append(dst, ` +0000"`...)
}

func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

// AppendSet appends ascending numbers as a set, with runs of consecutive ones as ranges.
func AppendSet[T ~uint32](dst []byte, sorted []T) []byte {
	for i := 0; i < len(sorted); {
		end := i + 1
		for end < len(sorted) && sorted[end] == sorted[end-1]+1 {
			end++
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendUint(dst, uint64(sorted[i]), 10)
		if end > i+1 {
			dst = strconv.AppendUint(append(dst, ':'), uint64(sorted[end-1]), 10)
		}
		i = end
	}
	return dst
}

// AppendRanges appends ranges as a set, as they are.
func AppendRanges[R ~struct{ First, Last uint32 }](dst []byte, set []R) []byte {
	for i, r := range set {
		r := Range(r)
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendUint(dst, uint64(r.First), 10)
		if r.Last != r.First {
			dst = strconv.AppendUint(append(dst, ':'), uint64(r.Last), 10)
		}
	}
	return dst
}

// AppendLiteralHeader appends what announces a literal of n bytes, CRLF included.
func AppendLiteralHeader(dst []byte, n int64) []byte {
	return append(strconv.AppendInt(append(dst, '{'), n, 10), "}\r\n"...)
}

// AppendLiteral8Header appends what announces a literal8 of n bytes (RFC 3516), CRLF included.
func AppendLiteral8Header(dst []byte, n int64) []byte {
	return AppendLiteralHeader(append(dst, '~'), n)
}
