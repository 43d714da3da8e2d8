package message

import "bytes"

// Want is one text looked for by Scratch.Search.
type Want struct {
	Needle  []byte // folded by Fold
	Headers bool   // look in headers too: SEARCH TEXT, not BODY
	Found   bool   // the answer
}

// Search looks for all wants in one pass over a message, decoding each part once, and sets Found.
// Searched are the texts that Texts yields, each for itself: bodies and, for wants with Headers,
// headers. An empty needle is always found.
func (s *Scratch) Search(raw []byte, root *Part, wants []Want) {
	if headers := s.begin(wants); s.left > 0 {
		s.Texts(raw, root, headers, func(p Piece) bool {
			s.find(p)
			return s.left > 0
		})
	}
	s.wants = nil
}

// begin prepares to look for the wants, and tells whether headers matter.
func (s *Scratch) begin(wants []Want) (headers bool) {
	s.wants, s.left, s.keep, s.joint = wants, 0, 0, s.joint[:0]
	for i := range wants {
		w := &wants[i]
		if w.Found = len(w.Needle) == 0; !w.Found {
			s.left++
			s.keep = max(s.keep, len(w.Needle)-1)
			headers = headers || w.Headers
		}
	}
	return headers
}

// find looks for the wants in one more piece of text, and where it joins the one before.
func (s *Scratch) find(p Piece) {
	if len(s.joint) > 0 {
		s.joint = append(s.joint, p.Text[:min(len(p.Text), s.keep)]...)
		s.findIn(s.joint, p.Header)
	}
	s.findIn(p.Text, p.Header)
	switch {
	case p.End:
		s.joint = s.joint[:0]
	case len(p.Text) >= s.keep || len(s.joint) == 0:
		s.joint = append(s.joint[:0], lastBytes(p.Text, s.keep)...)
	default:
		s.joint = s.joint[:copy(s.joint, lastBytes(s.joint, s.keep))]
	}
}

func (s *Scratch) findIn(text []byte, header bool) {
	for i := range s.wants {
		w := &s.wants[i]
		if !w.Found && (w.Headers || !header) && bytes.Contains(text, w.Needle) {
			w.Found = true
			s.left--
		}
	}
}

// lastBytes is b without all but the last n bytes.
func lastBytes(b []byte, n int) []byte { return b[max(0, len(b)-n):] }
