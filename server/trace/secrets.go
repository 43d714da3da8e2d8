package trace

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mask stands for what nobody gets to see.
const mask = "***"

// secrets knows what may be seen of a line. It shows what it knows to be harmless, and nothing of what it does not
// understand: a password that a client sends at the wrong time looks like a command that there is not.
type secrets struct {
	commands   []string // all that there are, in capitals
	mechanisms []string
}

func newSecrets(commands, mechanisms []string) secrets { return secrets{commands, mechanisms} }

// command is what may be seen of a command's first line, and whether the rest of the command is to be hidden. tag is ""
// unless it is shown.
func (s secrets) command(line []byte) (tag, shown string, hidden bool) {
	first, rest, _ := bytes.Cut(line, []byte(" "))
	word, args, _ := bytes.Cut(rest, []byte(" "))
	name := strings.ToUpper(string(word))
	switch {
	case len(line) == 0:
		return "", "", true
	case !slices.Contains(s.commands, name), hasLogin(first):
		return "", mask + " (no command)", true
	}
	tag = string(first)
	begin := escape(first) + " " + name
	switch name {
	case "LOGIN", "SETMETADATA":
		return tag, begin + " " + mask, true
	case "UID":
		if second, _, _ := bytes.Cut(args, []byte(" ")); hasLogin(second) {
			return tag, begin + " " + mask, true
		}
	case "AUTHENTICATE":
		mechanism, _, _ := bytes.Cut(args, []byte(" "))
		if m := strings.ToUpper(string(mechanism)); slices.Contains(s.mechanisms, m) {
			begin += " " + m
		}
		return tag, begin + " " + mask, true
	}
	return tag, escape(line), false
}

// hasLogin reports whether a word looks as if secrets follow on it, where no command begins: who types forgets the tag,
// or the blank behind it, and may be called like a command.
func hasLogin(word []byte) bool {
	word = bytes.ToUpper(word)
	return bytes.Contains(word, []byte("LOGIN")) || bytes.Contains(word, []byte("AUTHENTICATE"))
}

// harmless are the texts of continuation requests that are no challenge of a SASL mechanism.
var harmless = []string{"OK", "idling", ""}

// response is what may be seen of an untagged line that begins a response, and whether the rest of it is to be masked.
func (s secrets) response(line []byte) (shown string, masked bool) {
	if text, ok := bytes.CutPrefix(line, []byte("+ ")); ok && !slices.Contains(harmless, string(text)) {
		return "+ " + mask, false
	}
	// RFC 5464, 4.4: values come in a list, names of entries without one.
	if bytes.HasPrefix(line, []byte("* METADATA ")) {
		if head, _, values := bytes.Cut(line, []byte(" (")); values {
			return escape(head) + " (" + mask + ")", true
		}
	}
	return escape(line), false
}

// announced is the length of the literal that follows on a line, 0 when none does.
func announced(line []byte) int64 {
	open := bytes.LastIndexByte(line, '{')
	if open < 0 || !bytes.HasSuffix(line, []byte("}")) {
		return 0
	}
	n, err := strconv.ParseUint(string(line[open+1:len(line)-1]), 10, 62)
	if err != nil {
		return 0
	}
	return int64(n)
}

// escape makes text printable and leaves what it can as it is.
func escape(b []byte) string {
	var text strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == ' ' || r != utf8.RuneError && strconv.IsPrint(r) {
			text.Write(b[:n])
		} else {
			for _, c := range b[:n] {
				fmt.Fprintf(&text, `\x%02x`, c)
			}
		}
		b = b[n:]
	}
	return text.String()
}
