package server

// logout: RFC 3501, 6.1.3. BYE comes before the tagged OK, and messages marked
// \Deleted stay.
func (s *session) logout() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.untagged("BYE Logging out")
	s.leave("logout")
	return nil
}
