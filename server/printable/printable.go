// Package printable makes texts of strangers fit for a line of a log, a list or a terminal.
package printable

import (
	"strings"
	"unicode"
)

// Text clips a text to at most max bytes and "...", and takes out what could break a line, command a terminal, or hide:
// control characters, and those that have no shape of their own, such as the ones that turn the direction of writing.
// For white space of any kind there is a blank.
func Text(text string, max int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) > max {
		text = strings.ToValidUTF8(text[:max], "") + "..."
	}
	return text
}
