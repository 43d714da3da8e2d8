package wire

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrMUTF7 is returned for a mailbox name that is not valid modified UTF-7.
var ErrMUTF7 = errors.New("invalid modified UTF-7")

// RFC 3501, 5.1.3: base64 with ',' for '/' and without padding.
const mutf7Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,"

// EncodeMUTF7 returns the modified UTF-7 of a UTF-8 string; bytes that are not UTF-8 become U+FFFD.
func EncodeMUTF7(s string) string { return string(appendMUTF7(nil, s, false)) }

// appendMUTF7 appends the modified UTF-7 of s, with quotes and backslashes escaped if it goes between quotes.
func appendMUTF7(dst []byte, s string, quoted bool) []byte {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == '&':
			dst = append(dst, "&-"...)
		case isDirect(r):
			if quoted && (r == '"' || r == '\\') {
				dst = append(dst, '\\')
			}
			dst = append(dst, byte(r))
		default:
			size = shiftLen(s)
			dst = appendShift(dst, s[:size])
		}
		s = s[size:]
	}
	return dst
}

// isDirect says whether r stands for itself: printable ASCII.
func isDirect(r rune) bool { return r >= ' ' && r <= '~' }

// shiftLen returns the length of the run that must go into base64.
func shiftLen(s string) int {
	for i, r := range s {
		if isDirect(r) {
			return i
		}
	}
	return len(s)
}

// appendShift appends one run of base64 between '&' and '-'.
func appendShift(dst []byte, s string) []byte {
	e := base64Bits{dst: append(dst, '&')}
	for _, r := range s {
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			e.put(hi)
			e.put(lo)
		} else {
			e.put(r)
		}
	}
	if e.n > 0 {
		e.dst = append(e.dst, mutf7Digits[e.bits<<(6-e.n)&63])
	}
	return append(e.dst, '-')
}

// base64Bits turns units of 16 bits into digits of 6.
type base64Bits struct {
	dst  []byte
	bits uint32
	n    uint // bits not yet written
}

func (e *base64Bits) put(unit rune) {
	e.bits = e.bits<<16 | uint32(unit)
	for e.n += 16; e.n >= 6; {
		e.n -= 6
		e.dst = append(e.dst, mutf7Digits[e.bits>>e.n&63])
	}
	e.bits &= 1<<e.n - 1
}

// DecodeMUTF7 returns the UTF-8 of a mailbox name in modified UTF-7. It accepts exactly what EncodeMUTF7 produces, so
// that two spellings never name one mailbox: no 8-bit or control bytes, no base64 of printable ASCII, no two runs of
// base64 side by side, no stray bits, no lone surrogates (RFC 3501, 5.1.3).
func DecodeMUTF7(s string) (string, error) {
	if isPlain(s) {
		return s, nil
	}
	dst := make([]byte, 0, len(s))
	shifted := false // the last run was base64
	for i := 0; i < len(s); i++ {
		if !isDirect(rune(s[i])) {
			return "", ErrMUTF7
		}
		if s[i] != '&' {
			dst, shifted = append(dst, s[i]), false
			continue
		}
		n, out, ok := decodeShift(dst, s[i+1:])
		null := n == 0
		if !ok || shifted && !null {
			return "", ErrMUTF7
		}
		dst, shifted = out, !null
		i += n + 1
	}
	return string(dst), nil
}

// isPlain says whether s is printable ASCII that holds no shift.
func isPlain(s string) bool {
	for i := range len(s) {
		if !isDirect(rune(s[i])) || s[i] == '&' {
			return false
		}
	}
	return true
}

// decodeShift appends what the run of base64 at the start of s stands for, and returns the length of the run without the
// '-' that ends it. An empty run is an ampersand.
func decodeShift(dst []byte, s string) (int, []byte, bool) {
	if len(s) > 0 && s[0] == '-' {
		return 0, append(dst, '&'), true
	}
	d := utf16Bits{dst: dst}
	for i := range len(s) {
		if s[i] == '-' {
			return i, d.dst, d.complete()
		}
		digit, ok := base64Digit(s[i])
		if !ok || !d.put(digit) {
			return 0, nil, false
		}
	}
	return 0, nil, false
}

func base64Digit(b byte) (uint32, bool) {
	switch {
	case b >= 'A' && b <= 'Z':
		return uint32(b - 'A'), true
	case b >= 'a' && b <= 'z':
		return uint32(b-'a') + 26, true
	case b >= '0' && b <= '9':
		return uint32(b-'0') + 52, true
	case b == '+':
		return 62, true
	case b == ',':
		return 63, true
	}
	return 0, false
}

// utf16Bits turns digits of 6 bits into units of 16, and those into UTF-8.
type utf16Bits struct {
	dst  []byte
	bits uint32
	n    uint // bits of the unit being read
	high rune // the first half of a surrogate pair, or 0
}

func (d *utf16Bits) put(digit uint32) bool {
	d.bits = d.bits<<6 | digit
	d.n += 6
	if d.n < 16 {
		return true
	}
	d.n -= 16
	unit := rune(d.bits >> d.n & 0xFFFF)
	d.bits &= 1<<d.n - 1
	return d.unit(unit)
}

func (d *utf16Bits) unit(u rune) bool {
	switch {
	case d.high != 0:
		r := utf16.DecodeRune(d.high, u)
		d.high = 0
		d.dst = utf8.AppendRune(d.dst, r)
		return r != utf8.RuneError
	case u >= 0xD800 && u < 0xDC00:
		d.high = u
		return true
	}
	d.dst = utf8.AppendRune(d.dst, u)
	return !isDirect(u) && !utf16.IsSurrogate(u)
}

// complete says whether the run ends where a unit does, with the unused bits zero and fewer than a digit has.
func (d *utf16Bits) complete() bool { return d.n < 6 && d.bits == 0 && d.high == 0 }
