package server

import (
	"errors"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// setMetadata: "SETMETADATA" SP mailbox SP "(" entry SP value *(SP entry SP value) ")".
// RFC 5464, 4.3: all of them or none, and NIL removes an entry.
func (s *session) setMetadata() error {
	name, wrong := s.mailboxArgument()
	if wrong != nil && !errors.Is(wrong, backend.ErrInvalidName) {
		return wrong
	}
	if err := s.wire.SP(); err != nil {
		return err
	}
	var set []backend.Annotation
	err := s.wire.List(func() error {
		e, err := s.entryValue()
		if err == nil && len(set) == maxListed {
			err = backend.ErrAnnotations
		}
		set = append(set, e)
		return err
	})
	if err == nil && len(set) == 0 {
		err = &wire.SyntaxError{Text: "No entries"}
	}
	if err != nil {
		return err
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	if wrong != nil {
		return wrong
	}
	return s.account.Annotate(name, set, s.news.watch)
}

// entryValue reads an entry and its value.
func (s *session) entryValue() (e backend.Annotation, err error) {
	name, err := s.entryName()
	if err != nil {
		return e, err
	}
	e.Entry = strings.ToLower(name)
	// RFC 5464, 3.2: two levels, or four below "vendor".
	levels := strings.Split(e.Entry, "/")[1:]
	if len(levels) < 2 || len(levels) < 4 && levels[1] == "vendor" {
		return e, &wire.SyntaxError{Text: "Not the name of an entry that can have a value"}
	}
	if err := s.wire.SP(); err != nil {
		return e, err
	}
	value, isNil, err := s.wire.NString()
	var syntax *wire.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Code == "TOOBIG", len(value) > backend.MaxAnnotation:
		return e, backend.ErrAnnotationSize
	case err == nil && !isNil:
		e.Value = []byte(value)
	}
	return e, err
}
