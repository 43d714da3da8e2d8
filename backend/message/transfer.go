package message

import "encoding/base64"

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
