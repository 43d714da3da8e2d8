package terms

import "unicode/utf8"

// Rules is the number of the rules by which text is cut. A segment made by others is of no use.
const Rules = 1

// How text is cut:
//
// A run of letters is a term. If it is longer than a window, its terms are windows into it, one
// every step bytes, and one that ends where it ends; wherever in the run a text of at most certain
// bytes begins, one of the windows has all of it. Windows may cut characters in two: they are
// compared as bytes.
//
// A run of characters of a script without blanks becomes all pairs of neighbours in it, or the one
// character if it is alone. A pair is the longest text whose every occurrence lies within a term.
const (
	window  = 64
	step    = window / 2
	certain = window - step + 1
)

// cutter cuts a text, which may come in pieces, into terms and gives them to emit. The slice that
// emit gets is valid during the call.
type cutter struct {
	emit func(term []byte)

	class class // of the run that is open; separator if there is none
	// Of an open run of letters, what has not been emitted yet, or only together with what goes before
	// it; of pairs, the last character, and whether it is the only one.
	buf   [window + step]byte
	n     int
	alone bool

	// The beginning of a character whose end comes with the next piece.
	cut  [utf8.UTFMax - 1]byte
	ncut int
}

// add cuts the next piece of the text. Pieces may end anywhere, also within a character.
func (c *cutter) add(s []byte) {
	if c.ncut > 0 {
		s = c.rejoin(s)
	}
	whole := len(s)
	for i := len(s) - 1; i >= 0 && i >= len(s)-len(c.cut); i-- {
		if utf8.RuneStart(s[i]) {
			if !utf8.FullRune(s[i:]) {
				c.ncut = copy(c.cut[:], s[i:])
				whole = i
			}
			break
		}
	}
	c.runs(s[:whole])
}

// rejoin cuts the character that the piece before s began, and gives what of s comes after it.
func (c *cutter) rejoin(s []byte) []byte {
	var joined [2 * utf8.UTFMax]byte
	n := copy(joined[:], c.cut[:c.ncut])
	old := n
	n += copy(joined[n:n+utf8.UTFMax], s)
	i := 0
	for i < old {
		rest := joined[i:n]
		if !utf8.FullRune(rest) {
			c.ncut = copy(c.cut[:], rest)
			return nil
		}
		_, size := utf8.DecodeRune(rest)
		c.runs(rest[:size])
		i += size
	}
	c.ncut = 0
	return s[i-old:]
}

// end ends the text: what comes next is another one.
func (c *cutter) end() {
	if c.ncut > 0 {
		n := c.ncut
		c.ncut = 0
		c.runs(c.cut[:n])
	}
	c.close()
}

// runs cuts text that ends where a character does.
func (c *cutter) runs(s []byte) {
	for len(s) > 0 {
		class, n := run(s)
		if class != c.class {
			c.close()
		}
		switch {
		case class == letter && c.n == 0 && n <= window && n < len(s):
			c.emit(s[:n])
		case class == letter:
			c.class = letter
			c.letters(s[:n])
		case class == unspaced:
			c.class = unspaced
			c.pairs(s[:n])
		}
		s = s[n:]
	}
}

// letters goes on with a run of letters.
func (c *cutter) letters(s []byte) {
	for len(s) > 0 {
		n := copy(c.buf[c.n:], s)
		c.n += n
		s = s[n:]
		if c.n == len(c.buf) {
			c.emit(c.buf[:window])
			c.n = copy(c.buf[:], c.buf[step:])
		}
	}
}

// pairs goes on with a run of a script without blanks.
func (c *cutter) pairs(s []byte) {
	for len(s) > 0 {
		_, size := utf8.DecodeRune(s)
		c.alone = c.n == 0
		if c.n > 0 {
			copy(c.buf[c.n:], s[:size])
			c.emit(c.buf[:c.n+size])
		}
		c.n = copy(c.buf[:], s[:size])
		s = s[size:]
	}
}

// close ends the open run.
func (c *cutter) close() {
	switch {
	case c.class == letter:
		c.emit(c.buf[:min(c.n, window)])
		if c.n > window {
			c.emit(c.buf[c.n-window : c.n])
		}
	case c.class == unspaced && c.alone:
		c.emit(c.buf[:c.n])
	}
	c.class, c.n = separator, 0
}
