package server

import (
	"slices"
	"strings"
)

// enable: "ENABLE" 1*(SP capability). RFC 5161, 3.1: names that the server does
// not know or offer are ignored, and mutt and Office 365 send such names. The
// answer lists what the command named and is on, even if it was before: Ruby's
// net-imap drops the connection over a list without names.
func (s *session) enable() error {
	var names []string
	for first := true; first || s.wire.Peek() == ' '; first = false {
		if err := s.wire.SP(); err != nil {
			return err
		}
		name, err := s.wire.Atom()
		if err != nil {
			return err
		}
		if len(names) < maxListed {
			names = append(names, strings.ToUpper(name))
		}
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	b, on := append(s.begin(), "* ENABLED"...), feature(0)
	for i := range enablings {
		row := &enablings[i]
		if s.offers(row.name) && slices.Contains(names, strings.ToUpper(row.name)) {
			b = append(append(b, ' '), row.name...)
			on |= row.features
		}
	}
	s.end(append(b, "\r\n"...))
	s.turnOn(on)
	return nil
}
