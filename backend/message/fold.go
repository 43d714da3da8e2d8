package message

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold appends UTF-8 text prepared for comparison by i;unicode-casemap (RFC 5051): each character in
// title case and fully decomposed. Two texts are equal, or one contains the other, when that holds
// for the bytes of their folded forms. Bytes that are not UTF-8 become U+FFFD, so the result always
// is. It is at most 11 times as long as s.
func Fold(dst, s []byte) []byte {
	for len(s) > 0 {
		n := len(dst)
		dst = appendUpper(dst, s)
		s = s[len(dst)-n:]
		for len(s) > 0 && s[0] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(s)
			dst = appendFolded(dst, r)
			s = s[size:]
		}
	}
	return dst
}

// appendFolded appends one character. RFC 5051, 2, steps 2 (a) and (b).
func appendFolded(dst []byte, r rune) []byte {
	n := len(dst)
	dst = utf8.AppendRune(dst, unicode.ToTitle(r))
	if d := norm.NFKD.Properties(dst[n:]).Decomposition(); d != nil {
		dst = append(dst[:n], d...)
	}
	return dst
}

// appendUpper appends the ASCII bytes that s starts with, in upper case.
func appendUpper(dst, s []byte) []byte {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	for len(s) >= 8 {
		w := binary.LittleEndian.Uint64(s)
		if w&high != 0 {
			break
		}
		// The high bit of each byte of lower says that it is in a..z.
		lower := (w + (0x80-'a')*ones) &^ (w + (0x7f-'z')*ones) & high
		dst = binary.LittleEndian.AppendUint64(dst, w^lower>>2)
		s = s[8:]
	}
	for _, c := range s {
		if c >= utf8.RuneSelf {
			break
		}
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
