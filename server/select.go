package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// selectMailbox: "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"].
// RFC 3501, 6.3.1; RFC 7162, 3.1.8 and 3.2.5.
func (s *session) selectMailbox() error { return s.open(false) }

// examine: "EXAMINE" SP mailbox. RFC 3501, 6.3.2.
func (s *session) examine() error { return s.open(true) }

func (s *session) open(readOnly bool) error {
	name, err := s.mailboxArgument()
	if err != nil {
		return err
	}
	var params selectParameters
	if err := s.selectParameters(&params); err != nil {
		return err
	}
	// RFC 3501, 6.3.1: what was selected before is left, even when this fails.
	if s.view != nil {
		s.closeView()
		s.untagged("OK [CLOSED] The other mailbox is closed") // RFC 7162, 3.2.11
	}
	s.turnOn(params.features)
	if err := s.openView(name, readOnly); err != nil {
		return err
	}
	if err := s.end(s.appendOpened(s.begin(), name)); err != nil {
		return err
	}
	if err := s.resync(&params); err != nil {
		return err
	}
	if s.view.ReadOnly() {
		return s.ok("READ-ONLY", "")
	}
	return s.ok("READ-WRITE", "")
}

// appendOpened describes a mailbox just selected by this name: the required
// responses of RFC 3501, 6.3.1, or of RFC 9051, 6.3.2.
func (s *session) appendOpened(b []byte, name string) []byte {
	v := s.view
	b = appendMailboxFlags(b, v.Keywords(), v.ReadOnly())
	b = s.appendExists(b, v.Exists(), v.Recent())
	if first := v.FirstUnseen(); first != 0 && !s.has(uidonly|rev2) {
		b = appendOKNumber(b, "UNSEEN", uint64(first), "First unseen")
	}
	if s.has(rev2) {
		b = s.appendWritten(b, name, name)
	}
	b = appendOKNumber(b, "UIDVALIDITY", uint64(v.UIDValidity()), "UIDs valid")
	b = appendOKNumber(b, "UIDNEXT", uint64(v.UIDNext()), "Predicted next UID")
	b = appendHighestModSeq(b, v.HighestModSeq())
	b = s.appendMailboxID(append(b, "* OK [MAILBOXID "...), v.MailboxID()) // RFC 8474, 4.1
	return append(b, "] Permanent identifier\r\n"...)
}

// appendHighestModSeq tells a mailbox's mod-sequence. RFC 7162, 3.1.2.1.
func appendHighestModSeq(b []byte, modseq backend.ModSeq) []byte {
	return appendOKNumber(b, "HIGHESTMODSEQ", uint64(modseq), "Highest mod-sequence")
}

// appendOKNumber appends "* OK [CODE n] text".
func appendOKNumber(b []byte, code string, n uint64, text string) []byte {
	b = append(append(append(b, "* OK ["...), code...), ' ')
	b = wire.AppendNumber(b, n)
	b = append(append(b, "] "...), text...)
	return append(b, "\r\n"...)
}

// closeMailbox: "CLOSE". RFC 3501, 6.4.2: removes what is \Deleted without
// telling, unless the mailbox is open read-only.
func (s *session) closeMailbox() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	if !s.view.ReadOnly() {
		if err := s.view.Expunge(nil); err != nil {
			return err
		}
	}
	s.closeView()
	return nil
}

// unselect: "UNSELECT". RFC 3691: as CLOSE, but nothing is removed.
func (s *session) unselect() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.closeView()
	return nil
}
