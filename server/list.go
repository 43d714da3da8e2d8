package server

import (
	"errors"
	"strings"

	"satchel/backend"
)

// listing is one LIST command: what is asked for and what is to be told of it.
type listing struct {
	extended bool // the client used the syntax of RFC 5258

	// selection options
	subscribed, specialUse, recursive bool

	reference string
	patterns  []pattern
	root      bool // LIST "" "": the separator is asked for

	// return options
	returnSubscribed bool
	status           []*statusItem  // RFC 5819
	metadata         *metadataQuery // RFC 9590
}

// list: "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts].
// RFC 3501, 6.3.8; RFC 5258, 6; RFC 5819; RFC 6154, 2; RFC 9590.
func (s *session) list() error {
	var l listing
	if err := s.listArguments(&l); err != nil {
		return err
	}
	if l.root {
		return s.end(s.appendRoot(s.begin(), l.reference))
	}
	s.turnOnFor(l.status)
	names := s.account.List()
	below := l.selectedBelow(names)
	for i := range names {
		info := &names[i]
		if !l.matches(info.Name) || !l.selects(info) && !below[info.Name] {
			continue
		}
		b := s.appendList(s.begin(), &l, info, below[info.Name])
		if err := s.end(s.appendListStatus(b, &l, info)); err != nil {
			return err
		}
		if err := s.writeListMetadata(&l, info); err != nil && !errors.Is(err, backend.ErrNotFound) {
			return err
		}
	}
	if l.metadata != nil {
		return l.metadata.end(s)
	}
	return nil
}

// appendRoot answers the empty pattern: the separator and the root of the
// reference, which is its part up to the first separator.
func (s *session) appendRoot(b []byte, reference string) []byte {
	root := reference[:strings.Index(reference, backend.Delimiter)+1]
	b = s.appendMailbox(append(b, `* LIST (\Noselect) "/" `...), root)
	return append(b, "\r\n"...)
}

func (l *listing) matches(name string) bool {
	for i := range l.patterns {
		if l.patterns[i].matches(name) {
			return true
		}
	}
	return false
}

// selects applies the selection options. Without any, a name is listed if there
// is a mailbox at it or below it.
func (l *listing) selects(info *backend.MailboxInfo) bool {
	if l.specialUse && info.SpecialUse == "" {
		return false
	}
	if l.subscribed {
		return info.Subscribed
	}
	return info.Exists || info.HasChildren
}

// selectedBelow finds, for RECURSIVEMATCH, the names that have something
// selected below them which is not listed itself. RFC 5258, 3.5.
func (l *listing) selectedBelow(names []backend.MailboxInfo) map[string]bool {
	if !l.recursive {
		return nil
	}
	above := map[string]bool{}
	for i := range names {
		info := &names[i]
		if !l.selects(info) || l.matches(info.Name) {
			continue
		}
		for parent := range backend.Parents(info.Name) {
			above[parent] = true
		}
	}
	return above
}

// appendList appends the LIST line of a name.
func (s *session) appendList(b []byte, l *listing, info *backend.MailboxInfo, below bool) []byte {
	b = appendAttributes(append(b, "* LIST "...), info, l)
	b = s.appendMailbox(append(b, ` "/" `...), info.Name)
	if below {
		b = l.appendChildInfo(b)
	}
	return append(b, "\r\n"...)
}

// appendChildInfo appends the criteria that something below meets. RFC 5258, 3.5.
func (l *listing) appendChildInfo(b []byte) []byte {
	switch {
	case !l.specialUse:
		return append(b, ` (CHILDINFO ("SUBSCRIBED"))`...)
	case !l.subscribed:
		return append(b, ` (CHILDINFO ("SPECIAL-USE"))`...)
	}
	return append(b, ` (CHILDINFO ("SUBSCRIBED" "SPECIAL-USE"))`...)
}

// appendAttributes appends the attributes of a name in parentheses. The special
// use is always among them: macOS and Outlook look for it unasked, and RFC 6154,
// 2, allows it. l is nil for LSUB.
func appendAttributes(b []byte, info *backend.MailboxInfo, l *listing) []byte {
	switch {
	case info.HasChildren:
		b = append(b, `(\HasChildren`...)
	default:
		b = append(b, `(\HasNoChildren`...)
	}
	switch {
	case info.Exists:
	case l != nil && l.extended:
		b = append(b, ` \NonExistent`...) // RFC 5258, 3
	default:
		b = append(b, ` \Noselect`...)
	}
	if l != nil && info.Subscribed && (l.subscribed || l.returnSubscribed) {
		b = append(b, ` \Subscribed`...)
	}
	if info.SpecialUse != "" {
		b = append(append(b, ' '), info.SpecialUse...)
	}
	return append(b, ')')
}

// appendListStatus appends the STATUS line that LIST-STATUS promises for each
// mailbox that can be selected, but for one that is only listed for what is
// below it. RFC 5819, 2 and 4.
func (s *session) appendListStatus(b []byte, l *listing, info *backend.MailboxInfo) []byte {
	if l.status == nil || !info.Exists || !l.selects(info) {
		return b
	}
	status, err := s.statusOf(info.Name, l.status)
	if err != nil { // deleted at this moment
		return b
	}
	return s.appendStatus(b, info.Name, &status, l.status)
}
