package server

// subscribe: "SUBSCRIBE" SP mailbox. RFC 3501, 6.3.6: the mailbox need not
// exist.
func (s *session) subscribe() error {
	name, err := s.onlyMailbox()
	if err != nil {
		return err
	}
	return s.account.Subscribe(name, true)
}

// unsubscribe: "UNSUBSCRIBE" SP mailbox. RFC 3501, 6.3.7.
func (s *session) unsubscribe() error {
	name, err := s.onlyMailbox()
	if err != nil {
		return err
	}
	return s.account.Subscribe(name, false)
}
