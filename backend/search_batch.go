package backend

import (
	"context"

	"satchel/backend/message"
)

// candidate is a message with as much of it as has been read.
type candidate struct {
	row    *Row
	level  level
	saved  int64 // time of saving
	stored *Message
	wants  []message.Want
}

// level says how deep one must look to decide a key.
type level uint8

const (
	inMemory  level = iota // flags, sizes, dates, sets
	inColumns              // the Date field, addresses and subject, the time of saving
	inHeader               // any header field
	inBody                 // text
	levels
)

// batch decides the batch's rows, level by level.
func (s *search) batch(ctx context.Context, progress func(i int) error) error {
	s.inMemory()
	if err := step(ctx, progress, 0); err != nil {
		return err
	}
	for l := inColumns; l <= inHeader; l++ {
		if len(s.undecided) == 0 || s.columns[l] == 0 && (l != inColumns || !s.dates) {
			continue
		}
		if err := s.inStored(l); err != nil {
			return err
		}
	}
	for _, i := range s.undecided {
		if err := step(ctx, progress, i); err != nil {
			return err
		}
		if err := s.inWhole(i); err != nil {
			return err
		}
	}
	return nil
}

// step is a moment at which a search may end or be told of.
func step(ctx context.Context, progress func(i int) error, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return progress(i)
}

// inMemory decides what the index knows.
func (s *search) inMemory() {
	s.undecided = s.undecided[:0]
	var c candidate
	for i := range s.rows {
		c.row = &s.rows[i]
		s.decide(i, &c)
	}
}

// decide notes what can be said of the batch's i-th message now.
func (s *search) decide(i int, c *candidate) {
	verdict := s.query.eval(c)
	s.hits[i] = verdict == yes
	if verdict == maybe {
		s.undecided = append(s.undecided, i)
	}
}

// inStored reads the columns that a level needs for the undecided messages and
// decides what it can.
func (s *search) inStored(l level) error {
	s.wanted = s.wanted[:0]
	for _, i := range s.undecided {
		s.wanted = append(s.wanted, s.rows[i])
	}
	if l == inColumns && s.dates {
		if err := s.readSaved(); err != nil {
			return err
		}
	}
	columns := s.columns[l]
	if l == inHeader {
		columns |= s.columns[inColumns]
	}
	s.messages = s.messages[:0]
	if columns != 0 {
		var err error
		if s.messages, err = s.view.Messages(s.wanted, columns, s.messages); err != nil {
			return err
		}
	}
	places := s.undecided
	s.undecided = s.undecided[:0]
	for k, i := range places {
		c := candidate{row: &s.rows[i], level: l, saved: s.savedAt(i)}
		if columns != 0 {
			c.stored = &s.messages[k]
		}
		s.decide(i, &c)
	}
	return nil
}

// readSaved reads the times of saving of the undecided messages.
func (s *search) readSaved() error {
	var dates [MaxBatch]int64
	if err := s.view.SaveDates(s.wanted, dates[:]); err != nil {
		return err
	}
	for k, i := range s.undecided {
		s.saved[i] = dates[k]
	}
	return nil
}

// savedAt is the time of saving of the batch's i-th message, 0 if no key needs it.
func (s *search) savedAt(i int) int64 {
	if s.saved == nil {
		return 0
	}
	return s.saved[i]
}

// inWhole decides a message by all of it.
func (s *search) inWhole(i int) error {
	r := &s.rows[i]
	messages, err := s.view.Messages(s.rows[i:i+1], ColParts|ColHeader|s.columns[inColumns], s.messages[:0])
	if err != nil {
		return err
	}
	m := &messages[0]
	if s.raw, err = s.view.AppendBytes(s.raw[:0], r, 0, int64(r.Size)); err != nil {
		return err
	}
	root, err := message.DecodeParts(m.Parts)
	if err != nil {
		return err
	}
	for i := range s.wants {
		s.wants[i].Found = false
	}
	s.scratch.Search(s.raw, &root, s.wants)
	s.hits[i] = s.query.eval(&candidate{row: r, level: inBody, saved: s.savedAt(i), stored: m, wants: s.wants}) == yes
	return nil
}
