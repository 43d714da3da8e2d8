package message

import (
	"bytes"
	"encoding/base64"
)

// base64Decoder undoes base64 that comes in pieces (RFC 2045, 6.8). Bytes outside the alphabet are
// skipped; padding ends a group, and another may follow.
type base64Decoder struct {
	group [4]byte
	n     int // bytes in group
}

// append decodes more input; up to three bytes of it wait in group.
func (d *base64Decoder) append(dst, s []byte) []byte {
	for len(s) > 0 {
		if d.n == 0 {
			if n := len(cleanRun(s)) &^ 3; n > 0 {
				dst, _ = base64.StdEncoding.AppendDecode(dst, s[:n])
				s = s[n:]
				continue
			}
		}
		switch c := s[0]; {
		case base64Digit[c]:
			d.group[d.n] = c
			if d.n++; d.n == 4 {
				dst = d.flush(dst)
			}
		case c == '=':
			dst = d.flush(dst)
		}
		s = s[1:]
	}
	return dst
}

// flush decodes the group as far as it goes.
func (d *base64Decoder) flush(dst []byte) []byte {
	n := d.n
	if d.n = 0; n < 2 {
		return dst
	}
	dst, _ = base64.RawStdEncoding.AppendDecode(dst, d.group[:n])
	return dst
}

// cleanRun is the longest start of s made of base64 digits.
func cleanRun(s []byte) []byte {
	for i, c := range s {
		if !base64Digit[c] {
			return s[:i]
		}
	}
	return s
}

var base64Digit = digits("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

func digits(s string) (t [256]bool) {
	for i := range len(s) {
		t[s[i]] = true
	}
	return t
}

// appendQuotedPrintable decodes whole lines of quoted-printable (RFC 2045, 6.7). What is not an
// escape or a soft line break stays as it is.
func appendQuotedPrintable(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '=')
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		s = s[i+1:]
		if len(s) >= 2 {
			if h, l := unhex(s[0]), unhex(s[1]); h >= 0 && l >= 0 {
				dst = append(dst, byte(h<<4|l))
				s = s[2:]
				continue
			}
		}
		blanks := len(s) - len(bytes.TrimLeft(s, " \t"))
		switch n := blankLine(s[blanks:]); {
		case n > 0:
			s = s[blanks+n:]
		case blanks == len(s):
			return dst
		default:
			dst = append(dst, '=')
		}
	}
}
