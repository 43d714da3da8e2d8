package config

import (
	"fmt"
	"io"
	"log/slog"
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

// Quote writes a basic string; Go's quoting is TOML's for all that a configuration has.
func Quote(s string) string { return fmt.Sprintf("%q", s) }
