package server

// deleteMailbox: "DELETE" SP mailbox. RFC 3501, 6.3.4. Other sessions that have
// it selected hear of it when they sync; this one has no mailbox selected then, and
// is told so (RFC 9051, 3).
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
	if s.view != nil && s.view.Gone() {
		s.closeView()
		s.untagged("OK [CLOSED] The selected mailbox was deleted")
	}
	return s.tellName(name, name)
}
