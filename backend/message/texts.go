package message

import (
	"bytes"
	"unicode/utf8"
)

// TextRules is the number of the rules by which Texts and HeadText make text of a message.
const TextRules = 2

// Scratch holds buffers that Texts and Search use again for the next message. The zero value is
// ready.
type Scratch struct {
	// Extract, unless nil, appends the text of an attachment, in UTF-8; nothing if it has none.
	Extract func(dst []byte, a *Attachment) []byte

	dec    decoder
	html   htmlText
	text   []byte // a piece without its transfer encoding
	utf8   []byte // and in UTF-8
	sound  []byte // and, of HTML, without what is not UTF-8
	plain  []byte // and without markup
	folded []byte
	broken bool // the last piece ended in bytes that are not UTF-8

	attachment Attachment
	extracted  []byte

	wants []Want
	left  int    // wants not found yet
	keep  int    // bytes to keep for a match that runs over the end of a piece
	joint []byte // what was kept, and the start of the next piece
}

// Piece is some of a text that Texts yields. Pieces end at whole characters, and where else is left
// open.
type Piece struct {
	Text   []byte // decoded and folded; valid during the call
	Header bool   // of a header, not of a body
	End    bool   // the last piece of this text; it may be empty
}

// pieceSize is how much of a part is decoded at a time: the buffers stay in the processor's cache,
// and a part of any size costs no more memory than this.
const pieceSize = 16 << 10

// Texts gives each the texts of a message that can be searched, piece by piece, folded by Fold: the
// header of the message and of each of its parts, with fields unfolded and encoded words decoded, if
// headers is set, and the decoded bodies of the parts that people read. HTML is given as the text
// that it shows, without markup. What Extract finds in other parts is given like a body. Preambles and
// epilogues of multiparts are not text. Texts are told apart by their ends; together they do not depend
// on where pieces are cut. each returns false to stop.
func (s *Scratch) Texts(raw []byte, root *Part, headers bool, each func(p Piece) bool) {
	s.texts(raw, root, walk{headers: headers, size: pieceSize}, each)
}

// walk says how to walk over the texts of a message.
type walk struct {
	headers bool
	size    int // bytes decoded at a time
}

// texts yields the texts of a part and of what is in it. Like header and body it returns false when
// each did; each is passed on because what Scratch holds would be allocated.
func (s *Scratch) texts(raw []byte, p *Part, w walk, each func(p Piece) bool) bool {
	if p.End > int64(len(raw)) {
		return true
	}
	if w.headers && !s.header(raw[p.Header:p.Body], w.size, each) ||
		p.Text && !s.body(raw[p.Header:p.End], p, w.size, each) ||
		p.Kind == Leaf && !p.Text && s.Extract != nil && !s.attached(raw[p.Header:p.End], p, w.size, each) {
		return false
	}
	for i := range p.Children {
		if !s.texts(raw, &p.Children[i], w, each) {
			return false
		}
	}
	return true
}

// header yields a header, whole fields at a time.
func (s *Scratch) header(h []byte, size int, each func(p Piece) bool) bool {
	for end := false; !end; {
		n := min(len(h), size)
		if n > 0 {
			n = fieldEnd(h, n-1)
		}
		end = n == len(h)
		s.utf8 = s.utf8[:0]
		s.decodeFields(h[:n])
		h = h[n:]
		for text, more := s.utf8, true; more; {
			n := foldable(text, size)
			s.folded = Fold(s.folded[:0], text[:n])
			text, more = text[n:], n < len(text)
			if !each(Piece{Text: s.folded, Header: true, End: end && !more}) {
				return false
			}
		}
	}
	return true
}

// foldable is how much of text, some size bytes if that can be, folds to the same without the rest: it
// ends in a character. What a field folds to may be much longer than the field.
func foldable(text []byte, size int) int {
	for n := size; n < len(text); n++ {
		if r, width := utf8.DecodeLastRune(text[:n]); r != utf8.RuneError || width != 1 {
			return n
		}
	}
	return len(text)
}

// decodeFields appends fields to s.utf8, each decoded for itself: what looks like an encoded word ends
// with its field at the latest, so that HeaderContains finds nothing that is not in here.
func (s *Scratch) decodeFields(h []byte) {
	for len(h) > 0 {
		value := bytes.IndexByte(h[:lineEnd(h, 0)], ':') + 1
		end := fieldEnd(h, 0)
		s.utf8 = append(s.utf8, h[:value]...)
		s.text = appendUnfoldedHeader(s.text[:0], h[value:end])
		s.utf8 = s.dec.appendDecoded(s.utf8, s.text)
		h = h[end:]
	}
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
