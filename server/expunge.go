package server

// expunge: "EXPUNGE". RFC 3501, 6.4.3. The EXPUNGE responses are the sync's.
func (s *session) expunge() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	return s.expunged(s.view.Expunge(nil))
}

// uidExpunge: "UID EXPUNGE" SP sequence-set. RFC 4315, 2.1: of these messages
// those that are \Deleted.
func (s *session) uidExpunge() error {
	set, err := s.setArgument()
	if err != nil {
		return err
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	sel, err := s.view.Resolve(set, true)
	if err != nil {
		return err
	}
	if sel, err = s.deletedWithin(sel); err != nil {
		return err
	}
	return s.expunged(s.view.Expunge(&sel))
}
