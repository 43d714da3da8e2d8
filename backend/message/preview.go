package message

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	previewRunes = 200 // RFC 8970, 3.1: characters that a preview should not exceed
	previewParts = 5   // parts that are looked at
)

// previewInputs is how many bytes of a part are looked at: the first few usually are enough, so the
// rest is not decoded at first.
var previewInputs = [...]int{1 << 10, 8 << 10, 64 << 10}

// Preview is the beginning of what a message says, on one line of at most 200 characters of UTF-8
// (RFC 8970): from the first part that people read and that has something to say, without quotations,
// unless there is nothing else, and without a signature. It is empty for a message without such a
// part. raw may end early.
func Preview(raw []byte, root *Part) string {
	p := previewer{raw: raw, left: previewParts}
	p.part(root)
	return p.text
}

type previewer struct {
	raw  []byte
	left int // parts that may still be looked at
	text string
}

// part looks at a part and what is in it, but not at embedded messages.
func (p *previewer) part(part *Part) {
	if part.Kind == Multipart {
		for i := range part.Children {
			if p.part(&part.Children[i]); p.text != "" {
				return
			}
		}
	}
	if !part.Text || p.left == 0 || part.Body >= int64(len(p.raw)) {
		return
	}
	html, shown := shownAs(p.raw[part.Header:part.Body])
	if !shown {
		return
	}
	p.left--
	body := p.raw[part.Body:min(part.End, int64(len(p.raw)))]
	for _, n := range previewInputs {
		text := decodeStart(body, n, part)
		if html {
			p.text = previewHTML(text)
		} else {
			p.text = previewPlain(text)
		}
		if n >= len(body) || utf8.RuneCountInString(p.text) >= previewRunes-1 {
			return
		}
	}
}

// shownAs tells from the header of a readable part whether it is HTML, and whether programs show it
// as part of the message.
func shownAs(header []byte) (html, shown bool) {
	shown = true
	for at := 0; ; {
		f, ok := nextField(header, skipFields(header, at, 'c'))
		if !ok {
			return html, shown
		}
		at = f.end
		l := lexer{s: f.value}
		switch kindOf(f.name) {
		case fieldType:
			media, _ := parseType(&l)
			html = media.is(wordText, []byte("html"))
			shown = shown && (html || media.is(wordText, wordPlain) || media.is(wordText, []byte("enriched")))
		case fieldDisposition:
			l.skip()
			shown = shown && !bytes.EqualFold(l.token(), []byte("attachment"))
		}
	}
}

// decodeStart decodes the first n bytes of a part to UTF-8.
func decodeStart(body []byte, n int, part *Part) []byte {
	d := Decoder{Encoding: part.Encoding}
	text := d.Append(nil, body[:min(len(body), n)])
	if len(body) <= n {
		text = d.Flush(text)
	}
	var t decoder
	return t.appendUTF8(make([]byte, 0, len(text)), part.Charset, text)
}

// previewPlain takes a text/plain part line by line.
func previewPlain(text []byte) string {
	var own, quoted squeezer
	var held []byte // a line that may announce a quotation
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		if own.full() || string(line) == "-- " || bytes.HasPrefix(line, []byte("-----BEGIN PGP MESSAGE-----")) {
			break
		}
		switch {
		case bytes.HasPrefix(line, []byte(">")):
			if !bytes.HasSuffix(bytes.TrimSpace(held), []byte(":")) {
				own.add(held)
			}
			held = nil
			quoted.add(bytes.TrimLeft(line, "> \t"))
		case len(bytes.TrimSpace(line)) > 0:
			own.add(held)
			held = line
		}
	}
	own.add(held)
	return own.or(&quoted)
}

// squeezer collects text on one line, white space and what does not show squeezed out.
type squeezer struct {
	out   strings.Builder
	runes int
	space bool // white space waits for the next character
}

func (s *squeezer) full() bool { return s.runes >= previewRunes }

// add takes more text, which is apart from what came before.
func (s *squeezer) add(text []byte) {
	s.space = true
	s.run(text)
}

// run takes text that goes on where the last one ended.
func (s *squeezer) run(text []byte) {
	for len(text) > 0 && !s.full() {
		if c := text[0]; c > ' ' && c < 0x7f {
			s.put(rune(c))
			text = text[1:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case unicode.IsSpace(r):
			s.space = true
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u034f' || r == utf8.RuneError && size == 1:
		default:
			s.put(r)
		}
	}
}

func (s *squeezer) put(r rune) {
	if s.space && s.runes > 0 {
		if s.runes++; s.full() { // no blank at the end
			return
		}
		s.out.WriteByte(' ')
	}
	s.space = false
	s.out.WriteRune(r)
	s.runes++
}

// or gives the text, or that of other when there is none.
func (s *squeezer) or(other *squeezer) string {
	if s.runes == 0 {
		return other.out.String()
	}
	return s.out.String()
}
