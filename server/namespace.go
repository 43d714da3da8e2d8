package server

// namespace: one personal namespace without a prefix, nothing shared yet.
// RFC 2342, 5.
func (s *session) namespace() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.untagged(`NAMESPACE (("" "/")) NIL NIL`)
	return nil
}
