package server

import (
	"fmt"
	"math"

	"satchel/server/wire"
)

// RFC 10022, 3.1.3: no server need divide into smaller batches, nor describe batches
// of more messages at once.
const (
	smallestBatch = 500
	mostOfBatches = 100_000
)

// batches is what UIDBATCHES asks for: the batches from first to last, or all.
type batches struct{ size, first, last int }

// uidBatches: "UIDBATCHES" SP nz-number [SP nz-number ":" nz-number]. RFC 10022, 3.1:
// UIDs that divide the mailbox into batches of so many messages, newest first. They
// come from memory, so that the whole mailbox may be asked for, however large.
func (s *session) uidBatches() error {
	ask, err := s.batchArguments()
	if err != nil {
		return err
	}
	switch {
	case ask.first > ask.last:
		return &wire.SyntaxError{Code: "CLIENTBUG", Text: "The range of batches is the wrong way round"}
	case ask.size < smallestBatch:
		return s.no("TOOFEW", fmt.Sprintf("A batch has %d messages at least", smallestBatch))
	case ask.last < math.MaxInt && ask.last-ask.first+1 > mostOfBatches/ask.size:
		return s.no("TOOMANY", fmt.Sprintf("Batches of more than %d messages asked for at once", mostOfBatches))
	}
	b := s.appendCorrelator(append(s.begin(), "* UIDBATCHES "...), s.wire.Tag(), "", 0)
	for i, r := range s.view.UIDBatches(ask.size, ask.first, ask.last) {
		b = append(b, " ,"[min(i, 1)])
		b = wire.AppendNumber(b, uint64(r.First))
		b = wire.AppendNumber(append(b, ':'), uint64(r.Last))
	}
	return s.end(append(b, "\r\n"...))
}

// batchArguments reads SP and the size, and the range of batches if there is one, to
// the end of the line.
func (s *session) batchArguments() (ask batches, err error) {
	ask = batches{first: 1, last: math.MaxInt}
	if ask.size, err = s.batchNumber(' '); err != nil {
		return ask, err
	}
	if s.wire.Peek() == ' ' {
		if ask.first, err = s.batchNumber(' '); err != nil {
			return ask, err
		}
		if ask.last, err = s.batchNumber(':'); err != nil {
			return ask, err
		}
	}
	return ask, s.wire.EOL()
}

// batchNumber reads a delimiter and an nz-number.
func (s *session) batchNumber(delimiter byte) (int, error) {
	if err := s.wire.Expect(delimiter); err != nil {
		return 0, err
	}
	n, err := s.wire.NZNumber()
	return int(n), err
}
