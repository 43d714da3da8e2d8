package server

// noop does nothing: what NOOP and CHECK are for is the sync of the frame.
// CHECK has no more to do, because every change is on disk before it is
// answered. RFC 3501, 6.1.2 and 6.4.1.
func (s *session) noop() error { return s.wire.EOL() }
