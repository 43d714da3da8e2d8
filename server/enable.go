package server

// enable: "ENABLE" 1*(SP capability). RFC 5161, 3.1: names that the server does
// not know or offer are ignored, and mutt and Office 365 send such names. There
// is nothing to be enabled yet, so the answer's list is empty.
func (s *session) enable() error {
	for first := true; first || s.wire.Peek() == ' '; first = false {
		if err := s.wire.SP(); err != nil {
			return err
		}
		if _, err := s.wire.Atom(); err != nil {
			return err
		}
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.untagged("ENABLED")
	return nil
}
