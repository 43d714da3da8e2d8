package message

import (
	"encoding/binary"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold appends UTF-8 text prepared for comparison by i;unicode-casemap (RFC 5051): each character in
// title case and fully decomposed. Two texts are equal, or one contains the other, when that holds
// for the bytes of their folded forms. Each run of bytes that are not UTF-8 becomes one U+FFFD, so the
// result always is. It is at most 11 times as long as s.
func Fold(dst, s []byte) []byte {
	dst, n := appendUpper(dst, s)
	if n == len(s) {
		return dst
	}
	table := foldTable()
	for {
		for s = s[n:]; len(s) > 0 && s[0] >= utf8.RuneSelf; {
			r, size := rune(s[0]&0x1f)<<6, 2
			if len(s) >= 2 && s[0] >= 0xc2 && s[0] < 0xe0 && s[1]&0xc0 == 0x80 {
				r |= rune(s[1] & 0x3f)
			} else {
				r, size = decodeRune(s)
			}
			dst = table.append(dst, r)
			s = s[size:]
		}
		if len(s) == 0 {
			return dst
		}
		dst, n = appendUpper(dst, s)
	}
}

// decodeRune gives the first character of s, U+FFFD for all bytes up to the next valid character.
func decodeRune(s []byte) (r rune, size int) {
	r, size = utf8.DecodeRune(s)
	if r != utf8.RuneError || size != 1 {
		return r, size
	}
	for size < len(s) {
		if next, n := utf8.DecodeRune(s[size:]); next != utf8.RuneError || n != 1 {
			break
		}
		size++
	}
	return r, size
}

// appendUpper appends the ASCII bytes that s starts with, in upper case, and gives their number.
func appendUpper(dst, s []byte) ([]byte, int) {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	at := len(dst)
	dst = slices.Grow(dst, len(s))[:at+len(s)]
	out, n := dst[at:], 0
	for ; n+8 <= len(s); n += 8 {
		w := binary.LittleEndian.Uint64(s[n:])
		if w&high != 0 {
			break
		}
		// The high bit of each byte of lower says that it is in a..z.
		lower := (w + (0x80-'a')*ones) &^ (w + (0x7f-'z')*ones) & high
		binary.LittleEndian.PutUint64(out[n:], w^lower>>2)
	}
	for ; n < len(s) && s[n] < utf8.RuneSelf; n++ {
		c := s[n]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		out[n] = c
	}
	return dst[:at+n], n
}

// folds holds the folded forms of the characters of the basic multilingual plane. The high byte of
// an entry is the length of a form, whose bytes are in the others, lowest first; forms of more than
// three bytes are in long, under the number in the other bytes.
type folds struct {
	entry [1 << 16]uint32
	long  []string
}

const longForm = 0xff

// foldTable makes the table when it is first needed, which takes some milliseconds.
var foldTable = sync.OnceValue(func() *folds {
	t := new(folds)
	var buf [64]byte
	for r := rune(0); r <= 0xffff; r++ {
		form := appendFolded(buf[:0], r)
		if len(form) > 3 {
			t.entry[r] = longForm<<24 | uint32(len(t.long))
			t.long = append(t.long, string(form))
			continue
		}
		t.entry[r] = uint32(len(form)) << 24
		for i, c := range form {
			t.entry[r] |= uint32(c) << (8 * i)
		}
	}
	return t
})

// append appends one character.
func (t *folds) append(dst []byte, r rune) []byte {
	if r > 0xffff {
		return appendFolded(dst, r)
	}
	switch e := t.entry[r]; e >> 24 {
	case 1:
		return append(dst, byte(e))
	case 2:
		return append(dst, byte(e), byte(e>>8))
	case 3:
		return append(dst, byte(e), byte(e>>8), byte(e>>16))
	default:
		return append(dst, t.long[e&0xffffff]...)
	}
}

// appendFolded works one character out. RFC 5051, 2, steps 2 (a) and (b).
func appendFolded(dst []byte, r rune) []byte {
	n := len(dst)
	dst = utf8.AppendRune(dst, unicode.ToTitle(r))
	if d := norm.NFKD.Properties(dst[n:]).Decomposition(); d != nil {
		dst = append(dst[:n], d...)
	}
	return dst
}
