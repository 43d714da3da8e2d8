package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"satchel/server"
)

// tablesKey is the key of the list of tables that a key is, or is in; "" for all other keys.
func tablesKey(table []option, key string, c *Config) string {
	for _, o := range table {
		switch o.field(c).(type) {
		case *[]server.HideRule, *[]server.KeyPair:
			if key == o.key || strings.HasPrefix(key, o.key+".") {
				return o.key
			}
		}
	}
	return ""
}

// setTables stores a list of tables, which a file has as [[NAME]] or as a list of inline ones. read gets those that have
// no other keys than these. All that is wrong is told.
func setTables[T any](field *[]T, v any, keys []string, read func(map[string]any) (T, error)) error {
	tables, ok := tablesOf(v)
	if !ok {
		return fmt.Errorf("tables are needed, with the name in double brackets, each with %s", strings.Join(keys, ", "))
	}
	list, errs := make([]T, len(tables)), []error{}
	for i, table := range tables {
		err := onlyKeys(table, keys)
		if err == nil {
			list[i], err = read(table)
		}
		if err != nil {
			errs = append(errs, &tableError{i + 1, err})
		}
	}
	*field = list
	return errors.Join(errs...)
}

func tablesOf(v any) ([]map[string]any, bool) {
	if tables, ok := v.([]map[string]any); ok {
		return tables, true
	}
	list, ok := v.([]any)
	var tables []map[string]any
	for _, e := range list {
		table, isTable := e.(map[string]any)
		ok = ok && isTable
		tables = append(tables, table)
	}
	return tables, ok
}

func onlyKeys(table map[string]any, keys []string) error {
	for key := range table {
		if !slices.Contains(keys, key) {
			return fmt.Errorf("unknown key %q: there are %s", key, strings.Join(keys, ", "))
		}
	}
	return nil
}

// setTableText stores the text of a table's key, if it is there.
func setTableText(field *string, table map[string]any, key string) error {
	v, given := table[key]
	if !given {
		return nil
	}
	if err := set(field, v); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// tableError is what is wrong with the n-th table of a list.
type tableError struct {
	n   int
	err error
}

func (e *tableError) Error() string { return fmt.Sprintf("table %d: %v", e.n, e.err) }

// placeOf is the key, or the table, in which the file is wrong.
func placeOf(key string, err error) string {
	var table *tableError
	if errors.As(err, &table) {
		return fmt.Sprintf("%s.%d", key, table.n)
	}
	return key
}

// eachOf takes apart what errors.Join has joined.
func eachOf(err error) []error {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		return list.Unwrap()
	}
	return []error{err}
}
