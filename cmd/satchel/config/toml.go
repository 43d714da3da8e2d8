package config

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"satchel/backend/extract"
	"satchel/server"
)

// Key is a key of the file.
type Key struct {
	Name  string // with its section, such as limits.message
	Help  string
	Value string // in force, as a file has it
}

// Keys are all keys, in the order in which they are shown.
func (c *Config) Keys() (list []Key) {
	for _, o := range options() {
		list = append(list, Key{o.key, o.help, tomlValue(o.field(c))})
	}
	return list
}

// Write writes every key with its value in force, as a file that could be used.
func (c *Config) Write(w io.Writer) error {
	var b strings.Builder
	section := ""
	for _, k := range c.Keys() {
		name := k.Name
		if s, last, ok := strings.Cut(k.Name, "."); ok {
			name = last
			if s != section {
				section = s
				fmt.Fprintf(&b, "\n[%s]\n", s)
			}
		}
		fmt.Fprintf(&b, "# %s\n%s = %s\n", k.Help, name, k.Value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func tomlValue(field any) string {
	switch f := field.(type) {
	case *string:
		return Quote(*f)
	case *[]string:
		return listTOML(*f)
	case *int:
		return fmt.Sprint(*f)
	case *bool:
		return fmt.Sprint(*f)
	case *Size:
		return Quote(f.String())
	case *share:
		return Quote(f.String())
	case *time.Duration:
		return Quote(FormatDuration(*f))
	case *[]server.HideRule:
		return hideTOML(*f)
	case *[]server.KeyPair:
		return keyPairsTOML(*f)
	case *[]extract.Program:
		return listTOML(extractorLines(*f))
	case *slog.Level:
		return Quote(strings.ToLower(f.String()))
	}
	return `""`
}

func listTOML(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = Quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Quote writes a basic string. Go's quoting is TOML's but for some letters that nobody sees.
func Quote(s string) string {
	b := []byte{'"'}
	for _, r := range s {
		if strconv.IsPrint(r) || strings.ContainsRune("\b\t\n\f\r", r) {
			quoted := strconv.Quote(string(r))
			b = append(b, quoted[1:len(quoted)-1]...)
		} else {
			b = fmt.Appendf(b, `\U%08X`, r)
		}
	}
	return string(append(b, '"'))
}
