package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"satchel/server"
)

// hideKeys are the keys of one rule of "hide".
var hideKeys = []string{"client", "account", "capabilities"}

// setHide stores the rules, which a file has as [[hide]] tables or as a list of inline ones.
func setHide(field *[]server.HideRule, v any) error { return setTables(field, v, hideKeys, hideRule) }

func hideRule(table map[string]any) (server.HideRule, error) {
	var r server.HideRule
	for key, field := range map[string]*string{"client": &r.Client, "account": &r.Account} {
		if err := setTableText(field, table, key); err != nil {
			return r, err
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
			names = append(names, Quote(name))
		}
		list = append(list, fmt.Sprintf("{ client = %s, account = %s, capabilities = [%s] }",
			Quote(r.Client), Quote(r.Account), strings.Join(names, ", ")))
	}
	return "[" + strings.Join(list, ", ") + "]"
}
