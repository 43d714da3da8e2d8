package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Load reads the file at path into c. The error lists all that is wrong, one a line, with file and line.
func (c *Config) Load(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var tree map[string]any
	meta, err := toml.Decode(string(text), &tree)
	if err != nil {
		return syntaxError(path, string(text), err)
	}
	l := loading{Config: c, path: path, lines: keyLines(string(text)), table: options(), lists: map[string]bool{}}
	for _, k := range meta.Keys() {
		l.key(strings.Join(k, "."), valueAt(tree, k))
	}
	if len(l.errs) == 0 {
		l.together(func(key string) bool { return meta.IsDefined(strings.Split(key, ".")...) })
	}
	return errors.Join(l.errs...)
}

// loading is the reading of one file.
type loading struct {
	*Config
	path  string
	lines map[string]int
	table []option
	lists map[string]bool // lists of tables that were read
	errs  []error
}

// wrong notes a mistake at a key.
func (l *loading) wrong(key string, err error) {
	l.errs = append(l.errs, fmt.Errorf("%s%s: %w", l.path, lineOf(l.lines, key), err))
}

// key reads one key.
func (l *loading) key(key string, v any) {
	if list := tablesKey(l.table, key, l.Config); list != "" {
		if key != list || l.lists[list] {
			return // all tables of a list are looked at together
		}
		l.lists[list] = true
	} else if below, isTable := v.(map[string]any); isTable && (len(below) > 0 || isSection(l.table, key)) {
		return // its keys are looked at one by one
	}
	i := slices.IndexFunc(l.table, func(o option) bool { return o.key == key })
	if i < 0 {
		l.wrong(key, unknownKey(l.table, key))
		return
	}
	if err := set(l.table[i].field(l.Config), v); err != nil {
		for _, err := range eachOf(err) {
			l.wrong(placeOf(key, err), fmt.Errorf("%s: %w", key, err))
		}
	} else if check := l.table[i].check; check != nil {
		if err := check(l.Config); err != nil {
			l.wrong(key, fmt.Errorf("%s: %w", key, err))
		}
	}
}

// together looks at keys that depend on each other. given tells which keys the file has.
func (l *loading) together(given func(key string) bool) {
	if key, err := l.checkOAuth(); err != nil {
		l.wrong(key, err)
	}
	if key, err := l.CheckACME(given); err != nil {
		l.wrong(key, err)
	}
	if key, err := l.checkMTASTS(); err != nil {
		l.wrong(key, err)
	}
}

// lineOf is ":LINE" of a key, or of what it is in where it has no line of its own, or "".
func lineOf(lines map[string]int, key string) string {
	for key != "" {
		if n := lines[key]; n > 0 {
			return fmt.Sprintf(":%d", n)
		}
		key = key[:max(strings.LastIndexByte(key, '.'), 0)]
	}
	return ""
}

// valueAt finds the value of a key in the decoded tree.
func valueAt(tree map[string]any, key toml.Key) any {
	var v any = tree
	for _, part := range key {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

func isSection(table []option, key string) bool {
	return slices.ContainsFunc(table, func(o option) bool { return strings.HasPrefix(o.key, key+".") })
}

// keyLines finds the line of each key, and of the n-th [[table]] as "table.n". It reads what a decoder has accepted, so
// it can be simple: a key that it misses, such as one within an inline table, is reported without its line.
func keyLines(text string) map[string]int {
	lines := map[string]int{}
	section := ""
	tables := map[string]int{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			name, _, _ := strings.Cut(strings.TrimLeft(line, "["), "]")
			section = tidyKey(name)
			if lines[section] == 0 {
				lines[section] = n
			}
			if tables[section]++; strings.HasPrefix(line, "[[") {
				lines[fmt.Sprintf("%s.%d", section, tables[section])] = n
			}
			section += "."
			continue
		}
		if key, _, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			key = section + tidyKey(key)
			if lines[key] == 0 {
				lines[key] = n
			}
		}
	}
	return lines
}

func tidyKey(key string) string {
	return strings.NewReplacer(" ", "", "\t", "", `"`, "", "'", "").Replace(key)
}
