package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// search: "SEARCH" [SP "CHARSET" SP astring] 1*(SP search-key). RFC 3501, 6.4.4;
// with UID 6.4.8: the answer then holds UIDs.
func (s *session) search() error {
	q, err := s.searchQuery()
	if err != nil {
		return err
	}
	found, err := s.view.Search(s.srv.ctx, q)
	if s.srv.ctx.Err() != nil {
		return backend.ErrClosed
	}
	if err != nil {
		return err
	}
	b := append(s.begin(), "* SEARCH"...)
	if s.uid {
		for _, uid := range found.UIDs {
			b = wire.AppendNumber(append(b, ' '), uint64(uid))
		}
	} else {
		for _, seq := range found.Seqs {
			b = wire.AppendNumber(append(b, ' '), uint64(seq))
		}
	}
	return s.end(append(b, "\r\n"...))
}
