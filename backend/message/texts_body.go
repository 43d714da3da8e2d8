package message

import "unicode/utf8"

// content says what has to come off a body until it is text: the transfer encoding, the charset and
// markup, in turn.
type content struct {
	encoding Encoding
	charset  string
	html     bool
}

// body yields the body of a part, given with its header.
func (s *Scratch) body(part []byte, p *Part, size int, each func(p Piece) bool) bool {
	header := part[:p.Body-p.Header]
	html, _ := shownAs(header)
	return s.content(part[len(header):], content{p.Encoding, p.Charset, html}, size, each)
}

// content yields a body as one text.
func (s *Scratch) content(b []byte, c content, size int, each func(p Piece) bool) bool {
	s.html.reset()
	charset := s.dec.charset(c.charset)
	charset.reset()
	decode := Decoder{Encoding: c.encoding}
	s.text, s.broken = s.text[:0], false
	for end := false; !end; {
		n := min(len(b), size)
		s.text = decode.Append(s.text, b[:n])
		b = b[n:]
		if end = len(b) == 0; end {
			s.text = decode.Flush(s.text)
		}
		text, rest := s.inUTF8(charset, end)
		if text = s.rejoined(text); c.html {
			text = s.withoutMarkup(text, end)
		}
		s.folded = Fold(s.folded[:0], text)
		if !each(Piece{Text: s.folded, End: end}) {
			return false
		}
		s.text = s.text[:copy(s.text, rest)]
	}
	return true
}

// inUTF8 converts what is in s.text. rest is the start of a character that ends in the next piece.
func (s *Scratch) inUTF8(charset *charsetDecoder, end bool) (text, rest []byte) {
	if charset.Decoder != nil {
		s.utf8, rest = charset.append(s.utf8[:0], s.text, end)
		return s.utf8, rest
	}
	n := len(s.text)
	if !end {
		n = wholeRunes(s.text)
	}
	return s.text[:n], s.text[n:]
}

// wholeRunes is the length of text without a character cut off at its end.
func wholeRunes(text []byte) int {
	for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return i
			}
			break
		}
	}
	return len(text)
}

// rejoined leaves out the bytes that are not UTF-8 and go on with such bytes at the end of the piece
// before: all of them are one character.
func (s *Scratch) rejoined(text []byte) []byte {
	if s.broken {
		text = text[brokenStart(text):]
	}
	if len(text) > 0 {
		r, size := utf8.DecodeLastRune(text)
		s.broken = r == utf8.RuneError && size == 1
	}
	return text
}

// brokenStart is the number of bytes before the first character of text.
func brokenStart(text []byte) int {
	if r, size := utf8.DecodeRune(text); r != utf8.RuneError || size != 1 {
		return 0
	}
	_, size := decodeRune(text)
	return size
}

// withoutMarkup gives the text of a piece of HTML.
func (s *Scratch) withoutMarkup(text []byte, end bool) []byte {
	if !utf8.Valid(text) {
		s.sound = appendSound(s.sound[:0], text)
		text = s.sound
	}
	if s.plain = s.html.append(s.plain[:0], text); end {
		s.plain = s.html.flush(s.plain)
	}
	return s.plain
}

// appendSound appends text with U+FFFD for each run of bytes that are not UTF-8, as Fold has it.
func appendSound(dst, text []byte) []byte {
	for len(text) > 0 {
		r, size := decodeRune(text)
		dst = utf8.AppendRune(dst, r)
		text = text[size:]
	}
	return dst
}
