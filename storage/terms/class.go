package terms

import "unicode/utf8"

// class is what a character means for where terms begin and end. It depends on the character alone,
// so whether there is a boundary between two characters depends on these two alone, and a needle is
// cut just as the text around it is, except at its ends.
type class uint8

const (
	separator class = iota // in no term
	letter
	unspaced // of a script written without blanks between words
)

// ascii is the class of each ASCII character: digits and letters, of either case, since folding
// leaves some in lower case.
var ascii = func() (t [utf8.RuneSelf]class) {
	for c := range t {
		switch {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
			t[c] = letter
		}
	}
	return t
}()

// classOf gives the class of a character beyond ASCII. Combining marks, symbols and emoji are
// letters, and so is Hangul, as Korean has blanks between words; U+200D, which joins emoji, is a
// separator like the punctuation around it.
func classOf(r rune) class {
	switch {
	case r <= 0xbf: // controls and the punctuation of Latin-1
		return separator
	case r < 0x0e00:
		return letter
	case r <= 0x109f: // Thai, Lao, Tibetan, Myanmar
		return unspaced
	case 0x1780 <= r && r <= 0x17ff: // Khmer
		return unspaced
	case 0x2000 <= r && r <= 0x207f: // general punctuation
		return separator
	case 0x3000 <= r && r <= 0x303f: // CJK punctuation
		return separator
	case 0x2e80 <= r && r <= 0x9fff: // Han, kana
		return unspaced
	case 0xf900 <= r && r <= 0xfaff, 0x20000 <= r && r <= 0x3ffff: // more Han
		return unspaced
	}
	return letter
}

// classAt gives the class and the length of the character that s begins with. A byte that is not
// UTF-8 counts as a letter.
func classAt(s []byte) (class, int) {
	r, size := utf8.DecodeRune(s)
	if r < utf8.RuneSelf {
		return ascii[r], size
	}
	return classOf(r), size
}

// run gives the class of the first character of s, and the length of all that follow in that class
// with it. s is not empty.
func run(s []byte) (class, int) {
	first, n := classAt(s)
	for n < len(s) {
		next, size := separator, 1
		if c := s[n]; c < utf8.RuneSelf {
			next = ascii[c]
		} else {
			next, size = classAt(s[n:])
		}
		if next != first {
			break
		}
		n += size
	}
	return first, n
}
