package server

import (
	"strings"

	"satchel/backend"
)

// searches tells whether something that is sent looks for messages.
func searches(text string) bool {
	return strings.Contains(text, "SEARCH ") || strings.Contains(text, " SORT ") || strings.Contains(text, " THREAD ")
}

// configOf is the backend that a mode needs: in mode indexed, the index is asked also
// where it would be faster to read the messages.
func configOf(mode string) backend.Config {
	if mode == "indexed" {
		return backend.Config{ReadFew: -1}
	}
	return backend.Config{}
}

// index makes an index of all that there is.
func (s *script) index() {
	s.t.Helper()
	if err := s.srv.be.RebuildIndex(s.t.Context(), testUser, func(backend.IndexStatus) error { return nil }); err != nil {
		s.fatalf("%v", err)
	}
	if now, err := s.srv.be.IndexStatus(testUser); err != nil || now.Indexed != now.Messages {
		s.fatalf("%+v %v", now, err)
	}
}
