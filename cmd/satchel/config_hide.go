package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"satchel/server"
)

// hideKeys are the keys of one rule of "hide".
var hideKeys = []string{"client", "account", "capabilities"}

// setHide stores the rules, which a file has as [[hide]] tables or as a list of inline ones. All that is wrong is told.
func setHide(field *[]server.HideRule, v any) error {
	tables, err := tablesOf(v)
	if err != nil {
		return err
	}
	rules, errs := []server.HideRule{}, []error{}
	for i, table := range tables {
		rule, err := hideRule(table)
		if err != nil {
			errs = append(errs, &ruleError{i + 1, err})
		}
		rules = append(rules, rule)
	}
	*field = rules
	return errors.Join(errs...)
}

// ruleError is what is wrong with the n-th rule.
type ruleError struct {
	n   int
	err error
}

func (e *ruleError) Error() string { return fmt.Sprintf("rule %d: %v", e.n, e.err) }

// placeOf is the key, or the table, in which the file is wrong.
func placeOf(key string, err error) string {
	var rule *ruleError
	if errors.As(err, &rule) {
		return fmt.Sprintf("%s.%d", key, rule.n)
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

func tablesOf(v any) ([]map[string]any, error) {
	if tables, ok := v.([]map[string]any); ok {
		return tables, nil
	}
	list, ok := v.([]any)
	var tables []map[string]any
	for _, e := range list {
		table, isTable := e.(map[string]any)
		ok = ok && isTable
		tables = append(tables, table)
	}
	if !ok {
		return nil, errors.New("tables [[hide]] are needed")
	}
	return tables, nil
}

func hideRule(table map[string]any) (server.HideRule, error) {
	var r server.HideRule
	for key := range table {
		if !slices.Contains(hideKeys, key) {
			return r, fmt.Errorf("unknown key %q: there are %s", key, strings.Join(hideKeys, ", "))
		}
	}
	for key, field := range map[string]*string{"client": &r.Client, "account": &r.Account} {
		if v, given := table[key]; given {
			if err := set(field, v); err != nil {
				return r, fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	if r.Client == "" && r.Account == "" {
		return r, errors.New(`"client" or "account" is needed; "*" is for all`)
	}
	names, _ := table["capabilities"].([]any)
	known := server.Hideable()
	for _, v := range names {
		name, _ := v.(string)
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			return r, fmt.Errorf("%v is no capability that can be hidden", v)
		}
		r.Capabilities = append(r.Capabilities, strings.ToUpper(name))
	}
	if len(r.Capabilities) == 0 {
		return r, errors.New(`"capabilities" is needed, a list of names`)
	}
	return r, nil
}

// hideTOML writes the rules the way setHide reads them.
func hideTOML(rules []server.HideRule) string {
	var list []string
	for _, r := range rules {
		var names []string
		for _, name := range r.Capabilities {
			names = append(names, quoteTOML(name))
		}
		list = append(list, fmt.Sprintf("{ client = %s, account = %s, capabilities = [%s] }",
			quoteTOML(r.Client), quoteTOML(r.Account), strings.Join(names, ", ")))
	}
	return "[" + strings.Join(list, ", ") + "]"
}
