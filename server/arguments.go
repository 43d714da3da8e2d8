package server

import (
	"errors"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// The arguments that several commands share. Each reads the space before it,
// and every error is a *wire.SyntaxError or one of the connection.

// maxListed bounds the lists of a command whose elements cost time for each
// message or mailbox: FETCH items, header fields, search keys, patterns.
const maxListed = 1000

// mailboxArgument reads SP mailbox. A name that is well-formed as an argument but
// not in modified UTF-7 is no mistake of syntax: no mailbox can have it.
func (s *session) mailboxArgument() (string, error) {
	if err := s.wire.SP(); err != nil {
		return "", err
	}
	name, err := s.wire.Mailbox()
	if errors.Is(err, wire.ErrMailbox) {
		err = backend.ErrInvalidName
	}
	return name, err
}

// onlyMailbox reads SP mailbox as the last argument.
func (s *session) onlyMailbox() (string, error) {
	name, err := s.mailboxArgument()
	if err != nil {
		return "", err
	}
	return name, s.wire.EOL()
}

// argument reads SP astring.
func (s *session) argument() (string, error) {
	if err := s.wire.SP(); err != nil {
		return "", err
	}
	return s.wire.AString()
}

// wordAndSP reads a word that says what comes next, in capitals, and the SP after it.
func (s *session) wordAndSP() (string, error) {
	word, err := s.wire.Word()
	if err != nil {
		return "", err
	}
	return word, s.wire.SP()
}

// setArgument reads SP sequence-set, of UIDs if the command is UID something.
func (s *session) setArgument() ([]backend.Range, error) {
	if err := s.wire.SP(); err != nil {
		return nil, err
	}
	return s.set(s.uid)
}

// set reads a sequence-set, RFC 3501, 9, or "$", RFC 5182, 3.
func (s *session) set(uid bool) ([]backend.Range, error) {
	if s.wire.Skip('$') {
		return s.savedSet(uid)
	}
	return s.numbers()
}

// numbers reads a sequence-set.
func (s *session) numbers() ([]backend.Range, error) {
	set, err := s.wire.Set()
	if err != nil {
		return nil, err
	}
	ranges := make([]backend.Range, len(set))
	for i, r := range set {
		ranges[i] = backend.Range(r)
	}
	return ranges, nil
}

// flagSet is a list of flags as a client wrote it.
type flagSet struct {
	system   backend.Flags
	keywords []string
}

// add takes one flag. RFC 3501, 9: \Recent cannot be set, and no system flags
// but the five are known.
func (f *flagSet) add(name string) error {
	if !strings.HasPrefix(name, "\\") {
		f.keywords = append(f.keywords, name)
		return nil
	}
	flag, ok := systemFlag(name)
	if !ok {
		return &wire.SyntaxError{Text: "Invalid system flag"}
	}
	f.system |= flag
	return nil
}

// systemFlag finds a system flag by its name in any case.
func systemFlag(name string) (backend.Flags, bool) {
	for i := range flagNames {
		if strings.EqualFold(flagNames[i].name, name) {
			return flagNames[i].flag, true
		}
	}
	return 0, false
}

// flagList reads a list of flags.
func (s *session) flagList() (f flagSet, err error) {
	names, err := s.wire.FlagList()
	for i := 0; err == nil && i < len(names); i++ {
		err = f.add(names[i])
	}
	return f, err
}
