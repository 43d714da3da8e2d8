package backend

import (
	"context"
	"fmt"
	"slices"

	"satchel/backend/message"
)

// Found is what a search found, ascending.
type Found struct {
	Seqs []uint32
	UIDs []UID
}

// Search finds the messages of the view for which q holds: exactly, by substring
// of decoded and folded text (RFC 3501, 6.4.4; RFC 5255, 4.6). Keys that memory
// can answer come first, then stored columns, then headers, then whole messages,
// each only for the messages still undecided. It ends early with ctx's error. q is
// spent: it belongs to this search.
func (v *View) Search(ctx context.Context, q *Query) (Found, error) {
	s := search{view: v}
	if err := s.prepare(q); err != nil {
		return Found{}, err
	}
	all := v.All()
	var rows []Row
	for from := 0; from < all.Len(); from += MaxBatch {
		if err := ctx.Err(); err != nil {
			return Found{}, err
		}
		rows = v.Rows(all, from, MaxBatch, rows[:0])
		if err := s.batch(ctx, q, rows); err != nil {
			return Found{}, fmt.Errorf("search %q: %w", v.Name(), err)
		}
	}
	return s.found, nil
}

// search is one SEARCH under way.
type search struct {
	view    *View
	columns [levels]Columns // what each level needs
	wants   []message.Want
	found   Found

	undecided []int // places in the batch's rows
	messages  []Message
	scratch   message.Scratch
	raw       []byte
}

// candidate is a message with as much of it as has been read.
type candidate struct {
	row    *Row
	level  level
	stored *Message
	wants  []message.Want
}

// level says how deep one must look to decide a key.
type level uint8

const (
	inMemory  level = iota // flags, sizes, dates, sets
	inColumns              // the Date field, addresses and subject
	inHeader               // any header field
	inBody                 // text
	levels
)

// batch decides one batch of rows, level by level.
func (s *search) batch(ctx context.Context, q *Query, rows []Row) error {
	hits := make([]bool, len(rows))
	s.undecided = s.undecided[:0]
	for i := range rows {
		switch q.eval(&candidate{row: &rows[i]}) {
		case yes:
			hits[i] = true
		case maybe:
			s.undecided = append(s.undecided, i)
		}
	}
	for l := inColumns; l <= inHeader; l++ {
		if s.columns[l] == 0 || len(s.undecided) == 0 {
			continue
		}
		if err := s.columnsLevel(q, l, rows, hits); err != nil {
			return err
		}
	}
	for _, i := range s.undecided {
		if err := ctx.Err(); err != nil {
			return err
		}
		hit, err := s.readWhole(q, &rows[i])
		if err != nil {
			return err
		}
		hits[i] = hit
	}
	for i, hit := range hits {
		if hit {
			s.found.Seqs = append(s.found.Seqs, rows[i].Seq)
			s.found.UIDs = append(s.found.UIDs, rows[i].UID)
		}
	}
	return nil
}

// columnsLevel reads the columns that a level needs for the undecided messages
// and decides what it can.
func (s *search) columnsLevel(q *Query, l level, rows []Row, hits []bool) error {
	wanted := make([]Row, len(s.undecided))
	for k, i := range s.undecided {
		wanted[k] = rows[i]
	}
	columns := s.columns[l]
	if l == inHeader {
		columns |= s.columns[inColumns]
	}
	var err error
	if s.messages, err = s.view.Messages(wanted, columns, s.messages[:0]); err != nil {
		return err
	}
	left := s.undecided[:0]
	for k, i := range s.undecided {
		switch q.eval(&candidate{row: &rows[i], level: l, stored: &s.messages[k]}) {
		case yes:
			hits[i] = true
		case maybe:
			left = append(left, i)
		}
	}
	s.undecided = left
	return nil
}

// readWhole decides a message by all of it.
func (s *search) readWhole(q *Query, r *Row) (bool, error) {
	messages, err := s.view.Messages([]Row{*r}, ColParts|ColHeader|s.columns[inColumns], s.messages[:0])
	if err != nil {
		return false, err
	}
	m := &messages[0]
	if s.raw, err = s.view.AppendBytes(s.raw[:0], r, 0, int64(r.Size)); err != nil {
		return false, err
	}
	root, err := message.DecodeParts(m.Parts)
	if err != nil {
		return false, err
	}
	for i := range s.wants {
		s.wants[i].Found = false
	}
	s.scratch.Search(s.raw, &root, s.wants)
	return q.eval(&candidate{row: r, level: inBody, stored: m, wants: s.wants}) == yes, nil
}

// prepare resolves the sets of a query and numbers the texts it looks for.
func (s *search) prepare(q *Query) error {
	switch q.Op {
	case QuerySeqs, QueryUIDs:
		sel, err := s.view.Resolve(q.Set, q.Op == QueryUIDs)
		if err != nil {
			return err
		}
		q.Set = q.Set[:0:0]
		for _, p := range sel.spans {
			q.Set = append(q.Set, Range{uint32(p.from + 1), uint32(p.to)})
		}
	case QuerySentBefore, QuerySentOn, QuerySentSince:
		s.columns[inColumns] |= ColSent
	case QueryHead:
		s.columns[inColumns] |= ColHeadText
	case QueryHeader:
		s.columns[inHeader] |= ColHeader
	case QueryBody, QueryText:
		q.want = s.want(message.Want{Needle: q.Needle, Headers: q.Op == QueryText})
	}
	for _, sub := range q.Sub {
		if err := s.prepare(sub); err != nil {
			return err
		}
	}
	return nil
}

// want numbers a text; the same one is looked for once.
func (s *search) want(w message.Want) int {
	i := slices.IndexFunc(s.wants, func(x message.Want) bool {
		return x.Headers == w.Headers && string(x.Needle) == string(w.Needle)
	})
	if i < 0 {
		i = len(s.wants)
		s.wants = append(s.wants, w)
	}
	return i
}
