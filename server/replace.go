package server

import "satchel/backend"

// replace: "REPLACE" SP seq-number SP mailbox [SP flag-list] [SP date-time] SP
// append-data, and "UID REPLACE" with a UID. RFC 8508: the new message is stored and
// the old one expunged, both or neither.
func (s *session) replace() error {
	old, err := s.replaced()
	if err != nil {
		return err
	}
	name, err := s.mailboxArgument()
	if err != nil {
		return err
	}
	// What is refused is refused before the client is told to go on.
	switch {
	case s.view.ReadOnly():
		return backend.ErrReadOnly
	case old.Len() == 0:
		return s.no("NONEXISTENT", "No such message")
	}
	to := appendTarget{mailbox: name, room: s.srv.backend.AppendLimit()}
	for _, row := range s.view.Rows(old, 0, 1, nil) {
		to.added = backend.Usage{backend.QuotaStorage: -int64(row.Size), backend.QuotaMessages: -1}
	}
	m, err := s.incoming(&to)
	if err != nil {
		return err
	}
	var batch backend.Batch
	batch.Add(m)
	defer batch.Close()
	if err := s.wire.EOL(); err != nil {
		return err
	}
	validity, uid, err := s.view.Replace(old, name, &batch)
	if err != nil {
		return s.targetFailed(name, err)
	}
	s.put(name, []backend.UID{uid})
	// RFC 8508, 3.2: the new UID is told before the EXPUNGE, which is the sync's.
	b := appendAppendUID(append(s.begin(), "* OK ["...), validity, []backend.UID{uid})
	return s.expunged(s.end(append(b, "] Replacement stored\r\n"...)))
}

// replaced reads SP and the one message to be replaced.
func (s *session) replaced() (sel backend.Selection, err error) {
	if err := s.wire.SP(); err != nil {
		return sel, err
	}
	n := uint32(0) // "*"
	if !s.wire.Skip('*') {
		if n, err = s.wire.NZNumber(); err != nil {
			return sel, err
		}
	}
	return s.view.Resolve([]backend.Range{{First: n, Last: n}}, s.uid)
}
