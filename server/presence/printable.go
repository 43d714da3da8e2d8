package presence

import (
	"strconv"
	"strings"
)

// Printable clips a text from a client to at most max bytes and "...", and takes out what could break a line of log,
// command a terminal, or hide: control characters, and those that have no shape of their own, such as the ones that turn
// the direction of writing.
func Printable(text string, max int) string {
	text = strings.Map(func(r rune) rune {
		if r == ' ' || strconv.IsPrint(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(text, "?"))
	if len(text) > max {
		text = strings.ToValidUTF8(text[:max], "") + "..."
	}
	return text
}
