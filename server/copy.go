package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// copyMessages: "COPY" SP sequence-set SP mailbox. RFC 3501, 6.4.7: all of
// them or none. RFC 4315, 3: COPYUID comes with the tagged OK.
func (s *session) copyMessages() error {
	sel, name, err := s.copyArguments()
	if err != nil {
		return err
	}
	if err := s.saveable(sel.Len()); err != nil {
		return err
	}
	// UIDs that are gone name nothing (RFC 3501, 6.4.8); a sequence number is one
	// that the client still counts.
	done, err := s.view.Copy(sel, name, !s.uid)
	if err != nil {
		return s.targetFailed(name, err)
	}
	if len(done.From) == 0 {
		return s.ok("", "Nothing to copy")
	}
	s.put(name, done.To)
	return s.ok(string(appendCopyUID(nil, &done)), "")
}

// move: "MOVE" SP sequence-set SP mailbox. RFC 6851, 4.3: COPYUID is told
// before the EXPUNGE responses, which are the sync's.
func (s *session) move() error {
	sel, name, err := s.copyArguments()
	if err != nil {
		return err
	}
	done, err := s.view.Move(s.within(sel), name, false)
	if err != nil {
		return s.targetFailed(name, err)
	}
	// A client that moves what another one has moved already is content: a NO
	// makes it try for ever.
	if len(done.From) == 0 {
		return s.ok("", "Nothing to move")
	}
	s.put(name, done.To)
	b := appendCopyUID(append(s.begin(), "* OK ["...), &done)
	return s.expunged(s.end(append(b, "] Moved\r\n"...)))
}

// copyArguments reads the messages and the target of COPY and MOVE.
func (s *session) copyArguments() (sel backend.Selection, name string, err error) {
	set, err := s.setArgument()
	if err != nil {
		return sel, "", err
	}
	if name, err = s.onlyMailbox(); err != nil {
		return sel, "", err
	}
	sel, err = s.view.Resolve(set, s.uid)
	return sel, name, err
}

// appendCopyUID appends the response code without its brackets.
func appendCopyUID(b []byte, done *backend.CopyResult) []byte {
	b = wire.AppendNumber(append(b, "COPYUID "...), uint64(done.UIDValidity))
	b = appendUIDs(append(b, ' '), done.From)
	return appendUIDs(append(b, ' '), done.To)
}

// appendUIDs appends ascending UIDs as a set.
func appendUIDs(b []byte, uids []backend.UID) []byte {
	set := make([]uint32, len(uids))
	for i, uid := range uids {
		set[i] = uint32(uid)
	}
	return wire.AppendSet(b, set)
}
