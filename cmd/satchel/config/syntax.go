package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// What people write who are used to other servers' files.
var (
	bareText  = regexp.MustCompile(`^\s*([A-Za-z0-9_.-]+)\s*=\s*([^\s"'\[{#][^"#]*?)\s*(#.*)?$`)
	otherForm = regexp.MustCompile(`^\s*([A-Za-z0-9_.-]+)\s*[:{]|^\s*(service|protocol|passdb|userdb|namespace)\b`)
)

// syntaxError shows where TOML itself could not be read, and how that is written.
func syntaxError(path, text string, err error) error {
	var p toml.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("%s: %w", path, err)
	}
	line, _, _ := strings.Cut(text[min(startOf(text, p.Position.Line), len(text)):], "\n")
	return fmt.Errorf("%s:%d: %s", path, p.Position.Line, howWritten(strings.TrimSuffix(line, "\r"), p.Message))
}

// howWritten says it in place of the parser where a mistake is a usual one.
func howWritten(line, message string) string {
	switch m := bareText.FindStringSubmatch(line); {
	case strings.ContainsAny(line, "“”„‘’"):
		return `these quotes are a word processor's; a text stands in "" or ''`
	case m != nil && strings.HasPrefix(message, "expected value"):
		return fmt.Sprintf("a text stands in quotes: %s = %s", m[1], Quote(m[2]))
	case otherForm.MatchString(line):
		return `a line is KEY = VALUE, such as hostname = "mail.example.org", or [SECTION]`
	}
	return message
}

// startOf is where a line begins, counted from 1.
func startOf(text string, line int) (at int) {
	for range line - 1 {
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			return len(text)
		}
		at += next + 1
	}
	return at
}
