package server

import (
	"errors"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// mailboxFilter is a set of mailboxes as RFC 5465, 6, and RFC 7377, 4, name them.
type mailboxFilter struct {
	selected   bool // the selected mailbox
	inboxes    bool // where mail is delivered
	personal   bool // all of the account's
	subscribed bool
	mailboxes  []string // these
	subtrees   []string // these and all below
	children   []string // these and those one level below
}

// readMailboxFilter reads one filter-mailboxes, adding to what the filter has.
func (s *session) readMailboxFilter(f *mailboxFilter) error {
	word, err := s.wire.Word()
	if err != nil {
		return err
	}
	switch word {
	case "SELECTED":
		f.selected = true
	case "INBOXES":
		f.inboxes = true
	case "PERSONAL":
		f.personal = true
	case "SUBSCRIBED":
		f.subscribed = true
	case "MAILBOXES":
		return s.filterNames(&f.mailboxes)
	case "SUBTREE":
		return s.filterNames(&f.subtrees)
	case "SUBTREE-ONE":
		return s.filterNames(&f.children)
	default:
		return &wire.SyntaxError{Text: "Unknown kind of mailboxes"}
	}
	return nil
}

// filterNames reads SP and one mailbox, or several in parentheses. A name that no
// mailbox can have means none.
func (s *session) filterNames(into *[]string) error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	read := func() error {
		if len(*into) == maxListed {
			return backend.ErrLimit
		}
		name, err := s.wire.Mailbox()
		if errors.Is(err, wire.ErrMailbox) {
			return nil
		}
		if canonical := backend.CanonicalName(name); err == nil && (canonical != "" || name == "") {
			*into = append(*into, canonical)
		}
		return err
	}
	if s.wire.Peek() != '(' {
		return read()
	}
	names := 0
	err := s.wire.List(func() error { names++; return read() })
	if err == nil && names == 0 {
		err = &wire.SyntaxError{Text: "No mailboxes"}
	}
	return err
}

// onlySelected reports whether the filter is the selected mailbox and nothing else.
func (f *mailboxFilter) onlySelected() bool {
	return f.selected && !f.inboxes && !f.personal && !f.subscribed &&
		len(f.mailboxes)+len(f.subtrees)+len(f.children) == 0
}

// means reports whether a mailbox is in the filter, but for the one that is selected.
func (f *mailboxFilter) means(info *backend.MailboxInfo) bool {
	name := info.Name
	if f.personal || f.subscribed && info.Subscribed || f.inboxes && name == "INBOX" {
		return true
	}
	for _, list := range []struct {
		names  []string
		levels int
	}{{f.mailboxes, 0}, {f.children, 1}, {f.subtrees, len(name)}} {
		for _, top := range list.names {
			if levels, ok := levelsBelow(name, top); ok && levels <= list.levels {
				return true
			}
		}
	}
	return false
}

// levelsBelow is how many levels a name is below another, 0 for the same. The name ""
// is the root.
func levelsBelow(name, top string) (levels int, ok bool) {
	if top == "" {
		return 1 + strings.Count(name, backend.Delimiter), true
	}
	rest, ok := strings.CutPrefix(name, top)
	if rest != "" && !strings.HasPrefix(rest, backend.Delimiter) {
		return 0, false
	}
	return strings.Count(rest, backend.Delimiter), ok
}
