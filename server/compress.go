package server

import "strings"

// compress: "COMPRESS" SP "DEFLATE". RFC 4978, 3. The OK goes out as it is, then
// the frame compresses both directions. What the client has sent behind the
// command, against the RFC, is compressed as well, or else the answer is BAD.
func (s *session) compress() error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	algorithm, err := s.wire.Atom()
	if err != nil {
		return err
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	switch {
	case !strings.EqualFold(algorithm, "DEFLATE"):
		return s.bad("DEFLATE is the only algorithm")
	case s.wire.Compressed():
		return s.no("COMPRESSIONACTIVE", "DEFLATE is active already")
	case !s.offers(compression):
		return s.no("CANNOT", "Compression is not offered")
	case s.wire.TextFollows():
		return s.bad("Wait for the answer to COMPRESS")
	}
	s.writeStatus(&response{text: "DEFLATE active"})
	if err := s.wire.Compress(); err != nil {
		return err
	}
	return &response{status: statusSent}
}

const compression = "COMPRESS=DEFLATE"

func mayCompress(s *session) bool { return !s.wire.Compressed() }
