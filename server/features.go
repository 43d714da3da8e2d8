package server

import "satchel/server/wire"

// feature is a set of extensions that change what a client is told, once it has
// switched them on: by ENABLE, CONDSTORE also by making use of it.
type feature uint8

const (
	condstore   feature = 1 << iota // RFC 7162, 3.1: FETCH answers carry mod-sequences
	qresync                         // RFC 7162, 3.2: VANISHED instead of EXPUNGE
	uidonly                         // RFC 9586: no sequence numbers at all
	utf8Accept                      // RFC 9755: UTF-8 in names and headers
	rev2                            // RFC 9051: IMAP4rev2's answers instead of IMAP4rev1's
	annotations                     // RFC 5464, 4.1: METADATA when others change annotations
)

// enablings is what ENABLE can switch on, by the capability's name.
// RFC 7162, 3.2.3: QRESYNC includes CONDSTORE.
var enablings = [...]struct {
	name     string
	features feature
}{
	{"CONDSTORE", condstore},
	{"QRESYNC", qresync | condstore},
	{"UIDONLY", uidonly},
	{"METADATA", annotations},
	{"UTF8=ACCEPT", utf8Accept},
	{"IMAP4rev2", rev2},
}

// has reports whether the client has switched on one of the features.
func (s *session) has(f feature) bool { return s.features&f != 0 }

// vanishes reports whether the client is told of expunges by UID: RFC 7162,
// 3.2.10, and RFC 9586, 3.4.
func (s *session) vanishes() bool { return s.has(qresync | uidonly) }

// turnOn switches features on. RFC 7162, 3.1.2.1: a client that has a mailbox
// open while CONDSTORE comes on learns its HIGHESTMODSEQ.
func (s *session) turnOn(f feature) {
	fresh := f &^ s.features
	s.features |= f
	if fresh&annotations != 0 {
		s.listenForAnnotations()
	}
	if fresh&uidonly != 0 {
		s.refuseCounted()
	}
	s.wire.SetUTF8(s.has(utf8Accept | rev2))
	if fresh&condstore != 0 && s.view != nil {
		s.end(appendHighestModSeq(s.begin(), s.view.HighestModSeq()))
	}
}

// appendMailbox appends a mailbox's name in the form that the client reads:
// modified UTF-7 (RFC 3501, 5.1.3), or UTF-8 (RFC 9051, 5.1; RFC 9755, 3).
func (s *session) appendMailbox(dst []byte, name string) []byte {
	if s.has(utf8Accept | rev2) {
		return wire.AppendMailboxUTF8(dst, name)
	}
	return wire.AppendMailbox(dst, name)
}
