package server

// subscribe: "SUBSCRIBE" SP mailbox. RFC 3501, 6.3.6: the mailbox need not
// exist.
func (s *session) subscribe() error { return s.setSubscribed(true) }

// unsubscribe: "UNSUBSCRIBE" SP mailbox. RFC 3501, 6.3.7.
func (s *session) unsubscribe() error { return s.setSubscribed(false) }

func (s *session) setSubscribed(on bool) error {
	name, err := s.onlyMailbox()
	if err != nil {
		return err
	}
	if err := s.account.Subscribe(name, on); err != nil {
		return err
	}
	s.news.watch.Subscribed(name, on)
	return nil
}
