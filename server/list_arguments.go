package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// listArguments reads the arguments of LIST in the forms of RFC 3501 and of
// RFC 5258.
func (s *session) listArguments(l *listing) error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	if s.wire.Peek() == '(' {
		if err := s.listSelection(l); err != nil {
			return err
		}
	}
	var err error
	if l.reference, err = s.wire.ListMailbox(); err != nil {
		return err
	}
	if err := s.wire.SP(); err != nil {
		return err
	}
	if err := s.listPatterns(l); err != nil {
		return err
	}
	if s.wire.Skip(' ') {
		if err := s.listReturn(l); err != nil {
			return err
		}
	}
	l.root = l.root && !l.extended // RFC 5258, 3: an extended LIST has no such question
	return s.wire.EOL()
}

// listSelection reads the selection options and the space after them.
func (s *session) listSelection(l *listing) error {
	l.extended = true
	err := s.wire.List(func() error {
		option, err := s.wire.Word()
		if err != nil {
			return err
		}
		switch option {
		case "SUBSCRIBED":
			l.subscribed = true
		case "SPECIAL-USE":
			l.specialUse = true
		case "RECURSIVEMATCH":
			l.recursive = true
		case "REMOTE": // there are no mailboxes on other servers
		default:
			return &wire.SyntaxError{Text: "Unknown selection option"}
		}
		return nil
	})
	if err != nil {
		return err
	}
	// RFC 5258, 3.1: RECURSIVEMATCH qualifies another option; REMOTE does not count.
	if l.recursive && !l.subscribed && !l.specialUse {
		return &wire.SyntaxError{Text: "RECURSIVEMATCH needs another selection option"}
	}
	return s.wire.SP()
}

// listPatterns reads one pattern, or several in parentheses.
func (s *session) listPatterns(l *listing) error {
	if s.wire.Peek() == '(' {
		l.extended = true
		return s.wire.List(func() error { return s.listPattern(l) })
	}
	if err := s.listPattern(l); err != nil {
		return err
	}
	l.root = len(l.patterns) == 0
	return nil
}

// listPattern reads one pattern; the empty one matches nothing.
func (s *session) listPattern(l *listing) error {
	name, err := s.wire.ListMailbox()
	if err != nil || name == "" {
		return err
	}
	if len(l.reference)+len(name) > maxPattern || len(l.patterns) == maxListed {
		return backend.ErrLimit
	}
	l.patterns = append(l.patterns, newPattern(l.reference, name))
	return nil
}

// listReturn reads "RETURN" SP "(" options ")".
func (s *session) listReturn(l *listing) error {
	word, err := s.wire.Word()
	if err != nil {
		return err
	}
	if word != "RETURN" {
		return &wire.SyntaxError{Text: "RETURN expected"}
	}
	if err := s.wire.SP(); err != nil {
		return err
	}
	l.extended = true
	return s.wire.List(func() error { return s.listReturnOption(l) })
}

func (s *session) listReturnOption(l *listing) error {
	option, err := s.wire.Word()
	if err != nil {
		return err
	}
	switch option {
	case "SUBSCRIBED":
		l.returnSubscribed = true
	case "CHILDREN", "SPECIAL-USE": // told in any case
	case "STATUS":
		if err := s.wire.SP(); err != nil {
			return err
		}
		l.status, err = s.statusItems()
		return err
	case "METADATA":
		l.metadata = &metadataQuery{}
		return l.metadata.arguments(s)
	default:
		return &wire.SyntaxError{Text: "Unknown return option"}
	}
	return nil
}
