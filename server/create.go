package server

import (
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// create: "CREATE" SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"].
// RFC 3501, 6.3.3; RFC 6154, 3.
func (s *session) create() error {
	name, err := s.mailboxArgument()
	if err != nil {
		return err
	}
	var uses []string
	if s.wire.Skip(' ') {
		if uses, err = s.createParameters(); err != nil {
			return err
		}
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	// RFC 6154, 3: the server refuses a use that it does not support, or that
	// another mailbox has.
	use, err := backend.SpecialUse(uses)
	if err != nil {
		return err
	}
	if err := s.account.Create(name, use); err != nil {
		return err
	}
	s.news.watch.Named(name, true)
	if err := s.tellName(name, name); err != nil {
		return err
	}
	return s.created(name)
}

// createParameters reads the parameters of CREATE: USE and its attributes are
// the only one.
func (s *session) createParameters() (uses []string, err error) {
	err = s.wire.List(func() error {
		name, err := s.wire.Atom()
		if err != nil {
			return err
		}
		if !strings.EqualFold(name, "USE") {
			return &wire.SyntaxError{Text: "Unknown CREATE parameter"}
		}
		if err := s.wire.SP(); err != nil {
			return err
		}
		return s.wire.List(func() error {
			use, err := s.wire.Flag()
			uses = append(uses, use)
			return err
		})
	})
	return uses, err
}
