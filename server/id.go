package server

import (
	"strings"

	"satchel/server/presence"
	"satchel/server/printable"
)

// RFC 2971, 3.3: at most 30 pairs, names of at most 30 bytes, values of at most
// 1024. More is a syntax error.
const (
	idPairs = 30
	idName  = 30
	idValue = 1024
)

// idLogs is how often a session's ID is logged: iOS sends one before login and
// others after, each with an event.
const idLogs = 4

// id: "ID" SP ("NIL" / "(" string SP nstring ... ")"). RFC 2971, 3.1. What the
// client says of itself goes to the log. Its name may hide capabilities from it
// that were announced before: it is told the new list.
func (s *session) id() error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	client, err := s.idFields()
	if err != nil {
		return err
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	if len(client) > 0 && s.idLogged < idLogs {
		s.idLogged++
		s.log().Info("client", client...)
	}
	s.untagged(`ID ("name" "satchel")`)
	if s.rehide() {
		s.end(append(s.appendCapabilities(append(s.begin(), "* CAPABILITY "...)), "\r\n"...))
	}
	return nil
}

// idFields reads the client's list and keeps what is worth logging, as pairs
// for slog.
func (s *session) idFields() (client []any, err error) {
	if s.wire.Peek() != '(' {
		text, isNil, err := s.wire.NString()
		if err == nil && !isNil && !strings.EqualFold(text, "NIL") { // some write it in quotes
			err = s.bad("ID takes NIL or a list")
		}
		return nil, err
	}
	pairs := 0
	err = s.wire.List(func() error {
		name, value, err := s.idPair()
		if err != nil {
			return err
		}
		if pairs++; pairs > idPairs || len(name) > idName || len(value) > idValue {
			return s.bad("ID list too long")
		}
		shown := printable.Text(value, shownName)
		switch name = strings.ToLower(name); name {
		case "name":
			s.client = value[:min(len(value), shownName)]
			s.show(func(p *presence.Session) { p.Client = shown })
			client = append(client, "client", shown)
		case "version":
			s.show(func(p *presence.Session) { p.Version = shown })
			client = append(client, "version", shown)
		case "os":
			client = append(client, "os", shown)
		case "vendor":
			client = append(client, "vendor", shown)
		case "event":
			client = append(client, "event", shown)
		}
		return nil
	})
	return client, err
}

func (s *session) idPair() (name, value string, err error) {
	// The RFC wants strings; atoms have been seen, an unquoted NIL for a name too.
	if name, err = s.wire.AString(); err != nil {
		return "", "", err
	}
	if err = s.wire.SP(); err != nil {
		return "", "", err
	}
	if p := s.wire.Peek(); p == '"' || p == '{' {
		value, err = s.wire.String()
	} else if value, err = s.wire.AString(); strings.EqualFold(value, "NIL") {
		value = ""
	}
	return name, value, err
}
