package imapclient

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"satchel/server/wire"
)

// namespaces are the prefixes of RFC 2342 that names begin with.
type namespaces struct {
	personal []string
	others   []string // other users' and shared ones
}

// maxNamespaces bounds the list.
const maxNamespaces = 1000

// namespaces asks the server; nil when it has no answer.
func (c *Client) namespaces() (*namespaces, error) {
	if !c.Has("NAMESPACE") {
		return nil, nil
	}
	var ns *namespaces
	err := c.command(func(name string, _ uint32) bool {
		if name != "NAMESPACE" {
			return false
		}
		ns = &namespaces{personal: c.prefixes()}
		ns.others = append(c.prefixes(), c.prefixes()...)
		c.eol()
		return true
	}, "NAMESPACE")
	if c.Refused(err) {
		return nil, nil
	}
	return ns, err
}

// prefixes reads one kind of namespaces: a list of lists that begin with a prefix and a delimiter, or NIL.
func (c *Client) prefixes() (list []string) {
	c.space()
	c.reader.list(0, func() {
		n := 0
		c.reader.list(1, func() {
			if n++; n == 1 && c.peek() != '(' && len(list) < maxNamespaces {
				list = append(list, c.text())
			} else {
				c.value(2)
			}
		})
	})
	return list
}

// guessNamespace finds the prefix of a server that does not tell: all is below INBOX with some.
func guessNamespace(all []listed) *namespaces {
	below := 0
	for i := range all {
		l := &all[i]
		switch {
		case strings.EqualFold(l.raw, "INBOX"):
		case l.delimiter != "" && hasPrefixFold(l.raw, "INBOX"+l.delimiter):
			below++
		default:
			return &namespaces{personal: []string{""}}
		}
	}
	if below == 0 {
		return &namespaces{personal: []string{""}}
	}
	return &namespaces{personal: []string{"INBOX" + all[len(all)-1].delimiter}}
}

// hasPrefixFold is strings.HasPrefix without regard to case in INBOX.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// name gives a folder's name below its namespace, and whether it is the user's own.
func (ns *namespaces) name(l *listed) (string, bool) {
	if strings.EqualFold(l.raw, "INBOX") {
		return "INBOX", true
	}
	personal, own := longest(ns.personal, l.raw)
	if other, ok := longest(ns.others, l.raw); ok && len(other) >= len(personal) && other != "" {
		return "", false
	}
	name := l.raw
	if own {
		name = l.raw[len(personal):]
	}
	levels := []string{name}
	if l.delimiter != "" {
		levels = strings.Split(name, l.delimiter)
	}
	for i, level := range levels {
		levels[i] = strings.ReplaceAll(decode(level), "/", "_")
	}
	if strings.EqualFold(levels[0], "INBOX") {
		levels[0] = "INBOX"
	}
	return strings.Join(levels, "/"), true
}

// distinguish gives folders whose names have become the same ones of their own, such as Courier's INBOX.INBOX beside INBOX, or
// "a/b" beside "a_b": the one that is most like its name keeps it, in every run.
func distinguish(list []Folder) {
	slices.SortFunc(list, func(a, b Folder) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(len(a.Raw), len(b.Raw)), cmp.Compare(b.Raw, a.Raw))
	})
	taken := map[string]bool{}
	for i := range list {
		taken[list[i].Name] = true
	}
	before := ""
	for i := range list {
		name := list[i].Name
		if name == before {
			for taken[list[i].Name] {
				list[i].Name += "_"
			}
			taken[list[i].Name] = true
		}
		before = name
	}
}

// longest finds the longest of the prefixes that a name has.
func longest(prefixes []string, name string) (found string, ok bool) {
	for _, p := range prefixes {
		if hasPrefixFold(name, p) && (!ok || len(p) > len(found)) && len(name) > len(p) {
			found, ok = p, true
		}
	}
	return found, ok
}

// decode reads a level in modified UTF-7; one that is none is taken as UTF-8.
func decode(level string) string {
	if name, err := wire.DecodeMUTF7(level); err == nil && utf8.ValidString(name) {
		return name
	}
	return strings.ToValidUTF8(level, "\uFFFD")
}
