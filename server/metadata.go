package server

import (
	"errors"
	"fmt"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// annotationSizeCode says how large an annotation may be. RFC 5464, 4.3.
var annotationSizeCode = fmt.Sprintf("METADATA MAXSIZE %d", backend.MaxAnnotation)

// metadataQuery is which entries of a mailbox or of the server a client wants.
type metadataQuery struct {
	entries []string // as the client wrote them
	depth   depth
	limited bool // values longer than maxSize are not wanted
	maxSize uint32
	longest int // of the values that were too long
}

// depth is how many levels below an entry are wanted too.
type depth uint8

const (
	entryAlone depth = iota
	nextLevel
	allLevels
)

// getMetadata: "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries.
// RFC 5464, 4.2. Its examples have the options after the mailbox, and so do
// clients; one has entries without parentheses.
func (s *session) getMetadata() error {
	var q metadataQuery
	if err := s.wire.SP(); err != nil {
		return err
	}
	if s.wire.Peek() == '(' {
		if err := s.wire.List(func() error { return q.option(s) }); err != nil {
			return err
		}
		if err := s.wire.SP(); err != nil {
			return err
		}
	}
	name, wrong := s.wire.Mailbox()
	if wrong != nil && !errors.Is(wrong, wire.ErrMailbox) {
		return wrong
	}
	if err := q.arguments(s); err != nil {
		return err
	}
	for s.wire.Skip(' ') && s.wire.Peek() != 0 {
		if err := q.entry(s); err != nil {
			return err
		}
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	if wrong != nil {
		return backend.ErrInvalidName
	}
	err := s.writeMetadata(&q, name)
	if errors.Is(err, backend.ErrNotFound) && strings.ContainsAny(name, "*%") {
		err = s.writeMatchingMetadata(&q, name)
	}
	if err != nil {
		return err
	}
	return q.end(s)
}

// arguments reads options, where there are any, and entries.
func (q *metadataQuery) arguments(s *session) error {
	for len(q.entries) == 0 {
		if err := s.wire.SP(); err != nil {
			return err
		}
		if err := q.argument(s); err != nil {
			return err
		}
	}
	return nil
}

// argument reads one entry, or a list of entries or of options.
func (q *metadataQuery) argument(s *session) error {
	if s.wire.Peek() != '(' {
		return q.entry(s)
	}
	empty := true
	err := s.wire.List(func() error {
		empty = false
		switch s.wire.Peek() {
		case '/', '"', '{':
			return q.entry(s)
		}
		return q.option(s)
	})
	if err == nil && empty {
		err = &wire.SyntaxError{Text: "No entries"}
	}
	return err
}

// option reads MAXSIZE SP number or DEPTH SP ("0" / "1" / "infinity"). RFC 5464,
// 4.2.1 and 4.2.2.
func (q *metadataQuery) option(s *session) error {
	word, err := s.wire.Word()
	if err != nil {
		return err
	}
	if word != "MAXSIZE" && word != "DEPTH" {
		return &wire.SyntaxError{Text: "Unknown option"}
	}
	if err := s.wire.SP(); err != nil {
		return err
	}
	if word == "MAXSIZE" {
		q.limited = true
		q.maxSize, err = s.wire.Number()
		return err
	}
	level, err := s.wire.Word()
	if err != nil {
		return err
	}
	switch level {
	case "0":
		q.depth = entryAlone
	case "1":
		q.depth = nextLevel
	case "INFINITY":
		q.depth = allLevels
	default:
		return &wire.SyntaxError{Text: "DEPTH is 0, 1 or infinity"}
	}
	return nil
}

// entry reads the name of an entry.
func (q *metadataQuery) entry(s *session) error {
	name, err := s.entryName()
	if err != nil {
		return err
	}
	if len(q.entries) == maxListed {
		return backend.ErrLimit
	}
	q.entries = append(q.entries, name)
	return nil
}

// end is the tagged answer. RFC 5464, 4.2.1: it tells of values left out.
func (q *metadataQuery) end(s *session) error {
	if q.longest == 0 {
		return nil
	}
	return s.ok(fmt.Sprintf("METADATA LONGENTRIES %d", q.longest), "")
}

// maxEntry is the longest name of an entry, in bytes.
const maxEntry = 255

// entryName reads the name of an entry. RFC 5464, 3.2: what cannot be one is BAD,
// wildcards among it.
func (s *session) entryName() (string, error) {
	name, err := s.wire.AString()
	if err != nil {
		return "", err
	}
	if !ValidEntry(name) {
		return "", &wire.SyntaxError{Text: "Not the name of an entry"}
	}
	return name, nil
}

// ValidEntry reports whether an entry of METADATA can have the name: it begins
// with /private or /shared, in any case. RFC 5464, 3.2.
func ValidEntry(name string) bool {
	lower := strings.ToLower(name) + "/"
	scoped := strings.HasPrefix(lower, "/private/") || strings.HasPrefix(lower, "/shared/")
	return scoped && len(name) <= maxEntry && !strings.Contains(lower, "//") && !strings.ContainsFunc(name, notInEntry)
}

func notInEntry(r rune) bool { return r < ' ' || r > '~' || r == '*' || r == '%' }
