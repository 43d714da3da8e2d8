package server

import (
	"strings"

	"satchel/backend"
)

// lsub: "LSUB" SP mailbox SP list-mailbox. RFC 3501, 6.3.9.
func (s *session) lsub() error {
	reference, name, err := s.lsubArguments()
	if err != nil || name == "" {
		return err
	}
	if len(reference)+len(name) > maxPattern {
		return backend.ErrLimit
	}
	p := newPattern(reference, name)
	names := s.account.List()
	told := map[string]bool{}
	for i := range names {
		info := &names[i]
		if !info.Subscribed {
			continue
		}
		b := s.begin()
		if p.matches(info.Name) {
			told[info.Name] = true
			b = s.appendLsub(appendAttributes(append(b, "* LSUB "...), info, nil), info.Name)
		} else if strings.Contains(p.text, "%") {
			b = s.appendParents(b, &p, info, told)
		}
		if err := s.end(b); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) lsubArguments() (reference, name string, err error) {
	if err := s.wire.SP(); err != nil {
		return "", "", err
	}
	if reference, err = s.wire.ListMailbox(); err != nil {
		return "", "", err
	}
	if err := s.wire.SP(); err != nil {
		return "", "", err
	}
	if name, err = s.wire.ListMailbox(); err != nil {
		return "", "", err
	}
	return reference, name, s.wire.EOL()
}

// appendParents tells the levels above a subscribed name that fit the pattern
// where the name does not. RFC 3501, 6.3.9: if foo/bar is subscribed and foo is
// not, "%" finds foo, with \Noselect.
func (s *session) appendParents(b []byte, p *pattern, info *backend.MailboxInfo, told map[string]bool) []byte {
	for parent := range backend.Parents(info.Name) {
		if !told[parent] && p.matches(parent) {
			told[parent] = true
			b = s.appendLsub(append(b, `* LSUB (\HasChildren \Noselect)`...), parent)
		}
	}
	return b
}

// appendLsub ends a line begun with its attributes.
func (s *session) appendLsub(b []byte, name string) []byte {
	return append(s.appendMailbox(append(b, ` "/" `...), name), "\r\n"...)
}
