package server

import (
	"errors"

	"satchel/backend"
)

// deleteMailbox: "DELETE" SP mailbox. RFC 3501, 6.3.4. Other sessions that have
// it selected hear of it when they sync; this one has no mailbox selected then.
func (s *session) deleteMailbox() error {
	name, err := s.onlyMailbox()
	if err != nil {
		return err
	}
	if err := s.account.Delete(name); err != nil {
		return err
	}
	s.news.watch.Named(name, false)
	s.news.watch.Subscribed(name, false)
	if s.view != nil {
		if _, err := s.account.Status(s.view.Name()); errors.Is(err, backend.ErrNotFound) {
			s.closeView()
		}
	}
	return s.tellName(name, name)
}
