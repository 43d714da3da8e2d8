package message

import (
	"unicode"
	"unicode/utf8"
)

// maxCaption bounds a text of Caption, in characters.
const maxCaption = 200

// Caption is what a list shows of a message with that header: whom it is from, by name where there is
// one, and its subject. Both are decoded, on one line, without control characters and not long.
func Caption(header []byte) (from, subject string) {
	fields := headerFields(header)
	var p addressParser
	var c collator
	from = printable(c.display(p.first(fields, fieldFrom)))
	subject = printable(c.t.appendDecoded(nil, appendCompressed(nil, first(fields, fieldSubject))))
	return from, subject
}

// printable is a text that does no harm to a terminal.
func printable(text []byte) string {
	shown := make([]byte, 0, min(len(text), 4*maxCaption))
	for n := 0; len(text) > 0 && n < maxCaption; n++ {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			r = utf8.RuneError
		}
		shown = utf8.AppendRune(shown, r)
	}
	return string(shown)
}
