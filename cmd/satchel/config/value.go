package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"satchel/backend"
	"satchel/backend/extract"
	"satchel/server"
)

// set stores a value of the file into a field.
func set(field, v any) error {
	switch f := field.(type) {
	case *string:
		return setText(f, v, func(s string) (string, error) { return s, nil })
	case *[]string:
		return setTexts(f, v)
	case *int:
		n, ok := v.(int64)
		if !ok {
			return errors.New("a number is needed")
		}
		*f = int(n)
		return nil
	case *bool:
		b, ok := v.(bool)
		if !ok {
			return errors.New("true or false is needed")
		}
		*f = b
		return nil
	case *Size:
		if n, ok := v.(int64); ok {
			*f = Size(n)
			return nil
		}
		return setText(f, v, ParseSize)
	case *share:
		return setText(f, v, parseShare)
	case *time.Duration:
		return setText(f, v, ParseDuration)
	case *[]server.HideRule:
		return setHide(f, v)
	case *[]server.KeyPair:
		return setKeyPairs(f, v)
	case *[]extract.Program:
		return setExtractors(f, v)
	case *slog.Level:
		return setText(f, v, func(s string) (l slog.Level, err error) {
			if l.UnmarshalText([]byte(s)) != nil {
				return 0, fmt.Errorf("%q is none of debug, info, warn, error", s)
			}
			return l, nil
		})
	}
	return fmt.Errorf("a field of type %T cannot be set", field)
}

func setTexts(field *[]string, v any) error {
	list, ok := v.([]any)
	texts := make([]string, len(list))
	for i := 0; ok && i < len(list); i++ {
		texts[i], ok = list[i].(string)
	}
	if !ok {
		return errors.New("a list of texts is needed")
	}
	*field = texts
	return nil
}

func setText[T any](field *T, v any, parse func(string) (T, error)) error {
	s, ok := v.(string)
	if !ok {
		return errors.New("a text in quotes is needed")
	}
	parsed, err := parse(s)
	if err == nil {
		*field = parsed
	}
	return err
}

// ParseSize reads "50 MiB", "50M" and the like; units are powers of 1024.
func ParseSize(s string) (Size, error) {
	digits := strings.TrimRight(s, "KMGTiBkmgtb ")
	unit := strings.ToUpper(strings.TrimSpace(s[len(digits):]))
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")
	n, err := strconv.ParseInt(digits, 10, 64)
	power, shift := strings.Index("KMGT", unit), 0
	if unit != "" {
		shift = 10 * (power + 1)
	}
	if err != nil || n < 0 || len(unit) > 1 || power < 0 || n > math.MaxInt64>>shift {
		return 0, fmt.Errorf(`%q is not a size such as "50 MiB"`, s)
	}
	return Size(n << shift), nil
}

// String writes a size the way ParseSize reads it.
func (s Size) String() string {
	for i, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if b := Size(1) << (10 * (4 - i)); s >= b && s%b == 0 {
			return fmt.Sprintf("%d %s", s/b, unit)
		}
	}
	return fmt.Sprintf("%d B", int64(s))
}

// asWritten is a value as the file has it.
func asWritten(v any) string {
	if d, ok := v.(time.Duration); ok {
		return FormatDuration(d)
	}
	return fmt.Sprint(v)
}

func atLeast[T cmp.Ordered](get func(*Config) T, least T) func(*Config) error {
	return func(c *Config) error {
		if v := get(c); v < least {
			return fmt.Errorf("%s is too little, at least %s is needed", asWritten(v), asWritten(least))
		}
		return nil
	}
}

// checkMetadata wants "/shared/NAME VALUE".
func checkMetadata(c *Config) error {
	for _, line := range c.metadata {
		entry, value, _ := strings.Cut(line, " ")
		if !strings.HasPrefix(strings.ToLower(entry), "/shared/") || !server.ValidEntry(entry) || value == "" {
			return fmt.Errorf("%q is not /shared/NAME VALUE", line)
		}
	}
	return nil
}

func checkData(c *Config) error {
	switch {
	case c.Data == "":
		return errors.New("a folder is needed")
	case strings.HasPrefix(c.Data, "~"):
		return fmt.Errorf("%q: ~ stands for no folder here, write it out", c.Data)
	}
	return nil
}

func checkHostname(c *Config) error {
	if !server.IsHostName(c.Hostname) {
		return fmt.Errorf("%q is not the name of a host, such as mail.example.org", c.Hostname)
	}
	return nil
}

// checkDomain wants what may stand behind the @ of an address.
func checkDomain(c *Config) error {
	if c.Domain == "" {
		return nil
	}
	if _, err := backend.CheckAccount("alice@"+c.Domain, "-"); err != nil {
		return fmt.Errorf("%q is not a domain, such as example.org", c.Domain)
	}
	return nil
}

func checkFormat(c *Config) error {
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return fmt.Errorf("%q is neither text nor json", c.LogFormat)
	}
	return nil
}
