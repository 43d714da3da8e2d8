package imapclient

import (
	"slices"
	"strings"
)

// Folder is a folder of the server that can be opened.
type Folder struct {
	Raw        string // its name as the server writes it
	Name       string // the name below the user's own namespace, in UTF-8, levels separated by "/"; INBOX in capitals; no two have one
	SpecialUse string // an attribute of RFC 6154 such as \Sent, or ""
	Subscribed bool
}

// maxFolders bounds a list of folders.
const maxFolders = 100_000

// listed is a name as LIST tells it.
type listed struct {
	raw       string
	delimiter string
	attrs     []string
}

func (l *listed) has(attr string) bool {
	return slices.ContainsFunc(l.attrs, func(a string) bool { return strings.EqualFold(a, attr) })
}

// Folders lists the user's own folders, in the order of their names. Shared says how many there are of others.
func (c *Client) Folders() (list []Folder, shared int, err error) {
	ns, err := c.namespaces()
	if err != nil {
		return nil, 0, err
	}
	parts := []string{"LIST", `""`, `"*"`}
	if c.Has("SPECIAL-USE") && c.Has("LIST-EXTENDED") {
		parts = append(parts, "RETURN (SPECIAL-USE)") // Cyrus tells it only when asked
	}
	all, err := c.list("LIST", parts...)
	if err != nil {
		return nil, 0, err
	}
	subscribed, err := c.list("LSUB", "LSUB", `""`, `"*"`)
	if err != nil && !c.Refused(err) {
		return nil, 0, err
	}
	in := map[string]bool{}
	for i := range subscribed {
		in[subscribed[i].raw] = true
	}
	if ns == nil {
		ns = guessNamespace(all)
	}
	for i := range all {
		l := &all[i]
		if l.has(`\Noselect`) || l.has(`\NonExistent`) {
			continue
		}
		name, own := ns.name(l)
		if !own {
			shared++
			continue
		}
		list = append(list, Folder{l.raw, name, specialUse(l), in[l.raw]})
	}
	distinguish(list)
	slices.SortFunc(list, func(a, b Folder) int { return strings.Compare(a.Name, b.Name) })
	return list, shared, nil
}

// specialUses are the attributes of RFC 6154 and RFC 8457.
var specialUses = []string{`\All`, `\Archive`, `\Drafts`, `\Flagged`, `\Important`, `\Junk`, `\Sent`, `\Trash`}

func specialUse(l *listed) string {
	for _, use := range specialUses {
		if l.has(use) {
			return use
		}
	}
	return ""
}

// list sends LIST or LSUB. Some servers tell the same name twice.
func (c *Client) list(name string, parts ...string) (list []listed, err error) {
	seen := map[string]bool{}
	err = c.command(func(got string, _ uint32) bool {
		if got != name {
			return false
		}
		var l listed
		c.reader.list(0, func() { l.attrs = append(l.attrs, c.word()) })
		c.space()
		l.delimiter = c.text()
		c.space()
		l.raw = c.text()
		c.eol()
		if l.raw != "" && !seen[l.raw] && c.err == nil {
			seen[l.raw] = true
			list = append(list, l)
		}
		if len(list) > maxFolders || len(l.attrs) > maxCapabilities {
			c.trouble("too many folders")
		}
		return true
	}, parts...)
	return list, err
}
