package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// vanishedRanges bounds the ranges of one VANISHED line: about 16 KiB.
const vanishedRanges = 1000

// selectParameters is the parameters of SELECT and EXAMINE.
type selectParameters struct {
	features feature // that they switch on

	resync      bool // QRESYNC was given
	uidValidity uint32
	since       backend.ModSeq
	known       []backend.Range // UIDs that the client knows; nil for all
	seqs, uids  []uint32        // sequence numbers that it knows, and their UIDs
}

// selectParameters reads SP and the parameters, if they are there, to the end of
// the line. RFC 4466, 2.1; libetpan forgets the parentheses around QRESYNC.
func (s *session) selectParameters(p *selectParameters) error {
	if s.wire.Skip(' ') {
		each := func() error { return s.selectParameter(p) }
		read := func() error { return s.wire.List(each) }
		if isWord(s.wire.Peek()) {
			read = each
		}
		if err := read(); err != nil {
			return err
		}
	}
	return s.wire.EOL()
}

func (s *session) selectParameter(p *selectParameters) error {
	name, err := s.wire.Word()
	if err != nil {
		return err
	}
	switch name {
	case "CONDSTORE":
		p.features = condstore
		return nil
	case "QRESYNC":
		return s.resyncParameter(p)
	}
	return &wire.SyntaxError{Text: "Unknown SELECT parameter"}
}

// resyncParameter reads SP "(" uidvalidity SP mod-sequence [SP known-uids]
// [SP seq-match-data] ")". RFC 7162, 3.2.5. The numbers are above 0; Jakarta Mail
// sends 0 where it knows nothing, and is told nothing.
func (s *session) resyncParameter(p *selectParameters) error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	p.resync = true
	at := 0
	err := s.wire.List(func() (err error) {
		at++
		switch {
		case at == 1:
			p.uidValidity, err = s.wire.Number()
		case at == 2:
			var n uint64
			n, err = s.wire.Number64()
			p.since = backend.ModSeq(n)
		case s.wire.Peek() == '(' && p.seqs == nil:
			err = s.matchData(p)
		case at == 3:
			p.known, err = s.knownSet()
		default:
			err = &wire.SyntaxError{Text: "Too many QRESYNC arguments"}
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case at < 2:
		return &wire.SyntaxError{Text: "QRESYNC needs UIDVALIDITY and mod-sequence"}
	case !s.has(qresync):
		return s.bad("Enable QRESYNC first") // RFC 7162, 3.2.5
	}
	return nil
}

// matchData reads "(" known-sequence-set SP known-uid-set ")". RFC 7162, 3.2.5.2.
func (s *session) matchData(p *selectParameters) error {
	if s.has(uidonly) {
		return s.uidRequired() // RFC 9586, 3
	}
	at := 0
	err := s.wire.List(func() (err error) {
		set, err := s.knownSet()
		switch at++; {
		case err != nil:
		case at == 1:
			p.seqs, err = listed(set)
		case at == 2:
			p.uids, err = listed(set)
		}
		return err
	})
	if err == nil && (at != 2 || len(p.seqs) != len(p.uids)) {
		err = &wire.SyntaxError{Text: "Sequence match data is two sets of one length"}
	}
	return err
}

// knownSet reads a set in which "*" has no meaning.
func (s *session) knownSet() ([]backend.Range, error) {
	set, err := s.numbers()
	for _, r := range set {
		if r.First == 0 || r.Last == 0 {
			return nil, &wire.SyntaxError{Text: "No * among what is known"}
		}
	}
	return set, err
}

// listed writes a set out. RFC 7162, 3.2.5.2 has clients send a few numbers, the
// further apart the lower; what is beyond the bound would tell little.
func listed(set []backend.Range) ([]uint32, error) {
	var list []uint32
	for _, r := range set {
		if uint64(len(list))+uint64(r.Last-r.First) >= 10*maxListed {
			return nil, backend.ErrLimit
		}
		for n := uint64(r.First); n <= uint64(r.Last); n++ { // the last may be the largest of uint32
			list = append(list, uint32(n))
		}
	}
	return list, nil
}

// resync tells a client that comes back what has happened since: RFC 7162, 3.2.5.
// It ends with the client's picture equal to that of the view just opened.
func (s *session) resync(p *selectParameters) error {
	if !p.resync || p.uidValidity != s.view.UIDValidity() {
		return nil
	}
	known := p.known
	if known == nil {
		known = []backend.Range{{First: 1, Last: 0}}
	}
	sel, err := s.view.Resolve(known, true)
	if err != nil {
		return err
	}
	if err := s.writeVanishedAbove(known, p.since, s.view.KnownUpTo(p.seqs, p.uids)); err != nil {
		return err
	}
	return s.writeSelection(s.view.ChangedSince(sel, p.since), false)
}

// writeVanished tells which UIDs of a set were expunged after a mod-sequence.
func (s *session) writeVanished(set []backend.Range, since backend.ModSeq) error {
	return s.writeVanishedAbove(set, since, 0)
}

// writeVanishedAbove is writeVanished for the UIDs above one.
func (s *session) writeVanishedAbove(set []backend.Range, since backend.ModSeq, above backend.UID) error {
	gone, err := s.view.Vanished(set, since)
	if err != nil {
		return err
	}
	for len(gone) > 0 && gone[0].Last <= uint32(above) {
		gone = gone[1:]
	}
	for len(gone) > 0 {
		n := min(len(gone), vanishedRanges)
		b := wire.AppendRanges(append(s.begin(), "* VANISHED (EARLIER) "...), gone[:n])
		if err := s.end(append(b, "\r\n"...)); err != nil {
			return err
		}
		gone = gone[n:]
	}
	return nil
}
