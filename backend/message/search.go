package message

import (
	"bytes"
	"unicode/utf8"
)

// Want is one text looked for by Scratch.Search.
type Want struct {
	Needle  []byte // folded by Fold
	Headers bool   // look in headers too: SEARCH TEXT, not BODY
	Found   bool   // the answer
}

// Scratch holds buffers that Search uses again for the next message. The zero value is ready.
type Scratch struct {
	dec    decoder
	wants  []Want
	left   int    // wants not found yet
	keep   int    // bytes to keep for a match that runs over the end of a piece
	text   []byte // a piece without its transfer encoding
	utf8   []byte // and in UTF-8
	folded []byte // and folded, behind what was kept of the one before
	one    [1]Want
}

// pieceSize is how much of a part is decoded at a time: the buffers stay in the processor's cache,
// and a part of any size costs no more memory than this.
const pieceSize = 16 << 10

// Search looks for all wants in one pass over a message, decoding each part once, and sets Found.
// Searched are the decoded text of the parts that people read and, for wants with Headers, the
// decoded headers of the message and of its parts. Preambles and epilogues of multiparts are not
// text. An empty needle is always found.
func (s *Scratch) Search(raw []byte, root *Part, wants []Want) {
	s.wants, s.left, s.keep = wants, 0, 0
	headers := false
	for i := range wants {
		w := &wants[i]
		if w.Found = len(w.Needle) == 0; !w.Found {
			s.left++
			s.keep = max(s.keep, len(w.Needle)-1)
			headers = headers || w.Headers
		}
	}
	s.part(raw, root, headers)
	s.wants = nil
}

// BodyContains tells whether the decoded text of the parts that people read contains the folded
// needle. s may be nil.
func BodyContains(raw []byte, root *Part, needle []byte, s *Scratch) bool {
	return contains(raw, root, Want{Needle: needle}, s)
}

// TextContains is BodyContains with the decoded headers of the message and of its parts.
func TextContains(raw []byte, root *Part, needle []byte, s *Scratch) bool {
	return contains(raw, root, Want{Needle: needle, Headers: true}, s)
}

func contains(raw []byte, root *Part, w Want, s *Scratch) bool {
	if s == nil {
		s = new(Scratch)
	}
	s.one[0] = w
	s.Search(raw, root, s.one[:])
	return s.one[0].Found
}

// part searches one part and what is in it.
func (s *Scratch) part(raw []byte, p *Part, headers bool) {
	if s.left == 0 || p.End > int64(len(raw)) {
		return
	}
	if headers {
		s.header(raw[p.Header:p.Body])
	}
	if p.Text {
		s.body(raw[p.Body:p.End], p)
	}
	for i := range p.Children {
		s.part(raw, &p.Children[i], headers)
	}
}

// header searches a header with its fields unfolded and decoded.
func (s *Scratch) header(h []byte) {
	for len(h) > 0 {
		n := min(len(h), pieceSize)
		n = lineEnd(h, n-1)
		for n < len(h) && (h[n] == ' ' || h[n] == '\t') {
			n = lineEnd(h, n)
		}
		s.text = appendUnfoldedHeader(s.text[:0], h[:n])
		s.utf8 = s.dec.appendDecoded(s.utf8[:0], s.text)
		s.find(s.utf8, true)
		h = h[n:]
	}
	s.folded = s.folded[:0]
}

// appendUnfoldedHeader appends fields with a blank for each line end and the white space character
// that continues the line.
func appendUnfoldedHeader(dst, h []byte) []byte {
	for len(h) > 0 {
		n := lineEnd(h, 0)
		if n < len(h) && (h[n] == ' ' || h[n] == '\t') {
			dst = append(append(dst, trimLineEnd(h[:n])...), ' ')
			n++
		} else {
			dst = append(dst, h[:n]...)
		}
		h = h[n:]
	}
	return dst
}

// body searches the decoded body of a part.
func (s *Scratch) body(b []byte, p *Part) {
	charset := s.dec.charset(p.Charset)
	charset.reset()
	decode := Decoder{Encoding: p.Encoding}
	s.text = s.text[:0]
	for len(b) > 0 && s.left > 0 {
		n := min(len(b), pieceSize)
		end := n == len(b)
		if s.text = decode.Append(s.text, b[:n]); end {
			s.text = decode.Flush(s.text)
		}
		s.piece(charset, end)
		b = b[n:]
	}
	s.folded = s.folded[:0]
}

// piece searches what is in s.text and leaves there the start of a character that ends in the next
// piece.
func (s *Scratch) piece(charset *charsetDecoder, end bool) {
	var rest []byte
	if charset.Decoder != nil {
		s.utf8, rest = charset.append(s.utf8[:0], s.text, end)
		s.find(s.utf8, false)
	} else {
		n := len(s.text)
		if !end {
			n = wholeRunes(s.text)
		}
		s.find(s.text[:n], false)
		rest = s.text[n:]
	}
	s.text = s.text[:copy(s.text, rest)]
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

// find looks for the wants in one more piece of text.
func (s *Scratch) find(text []byte, header bool) {
	s.folded = Fold(s.folded, text)
	for i := range s.wants {
		w := &s.wants[i]
		if !w.Found && (w.Headers || !header) && bytes.Contains(s.folded, w.Needle) {
			w.Found = true
			s.left--
		}
	}
	n := copy(s.folded, s.folded[max(0, len(s.folded)-s.keep):])
	s.folded = s.folded[:n]
}
