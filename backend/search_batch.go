package backend

import (
	"context"
	"errors"
	"slices"

	"satchel/backend/message"
)

// batch decides the messages of the window, level by level: each reads only what its
// keys ask for, of the messages that those before have left undecided.
func (s *search) batch(ctx context.Context, progress func(i int) error) error {
	for _, q := range s.keys {
		q.yes, q.decided = mask{}, mask{}
	}
	clear(s.texts)
	s.hits, s.left = mask{}, firstOnes(s.window.n)
	s.decide(inMemory)
	if err := errors.Join(s.err, step(ctx, progress, 0)); err != nil {
		return err
	}
	for l := inColumns; l <= inHeader; l++ {
		if s.left.and(s.requests[l].messages).any() {
			if err := s.decideStored(l); err != nil {
				return err
			}
		}
	}
	if !s.left.any() {
		return nil
	}
	for i := range s.left.all() {
		if err := step(ctx, progress, i); err != nil {
			return err
		}
		if err := s.readWhole(ctx, i); err != nil {
			return err
		}
	}
	s.decide(inBody)
	return nil
}

// step is a moment at which a search may end or be told of.
func step(ctx context.Context, progress func(i int) error, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return progress(i)
}

// decide decides what a level allows, once what it needs has been read, and finds out
// what is to be read for the rest.
func (s *search) decide(l level) {
	s.begin(l)
	yes, maybe := s.eval(s.query, s.left)
	s.hits, s.left = s.hits.or(yes), maybe
}

// begin begins a level.
func (s *search) begin(l level) {
	s.level, s.requests = l, [levels]request{}
	clear(s.asked)
}

// decideStored reads what a level of columns needs, and decides what that allows: for
// some messages at a time, so that large headers do not add up.
func (s *search) decideStored(l level) error {
	r, left, undecided := s.requests[l], s.left, mask{}
	s.begin(l)
	for left.any() {
		some := left
		if r.columns != 0 {
			some = s.portion(left)
		}
		if messages := some.and(r.messages); messages.any() {
			if err := s.readStored(&r, messages); err != nil {
				return err
			}
		}
		yes, maybe := s.eval(s.query, some)
		s.hits, undecided, left = s.hits.or(yes), undecided.or(maybe), left.without(some)
	}
	s.left = undecided
	return nil
}

// portionBytes bounds the messages whose columns are read together: those are shorter.
const portionBytes = 32 << 20

// portion is the first of some messages, at least one and all but that one within
// portionBytes.
func (s *search) portion(of mask) (some mask) {
	s.rows = s.view.rowsAt(s.window.places(of), s.rows[:0])
	k, bytes := 0, 0
	for i := range of.all() {
		if bytes += int(s.rows[k].Size); k > 0 && bytes > portionBytes {
			break
		}
		some.set(i)
		k++
	}
	return some
}

// readStored reads what is requested of some messages.
func (s *search) readStored(r *request, messages mask) error {
	s.rows = s.view.rowsAt(s.window.places(messages), s.rows[:0])
	if r.saved {
		if err := s.readSaved(messages); err != nil {
			return err
		}
	}
	if r.columns == 0 {
		return nil
	}
	k := 0
	for i := range messages.all() {
		s.slot[i] = uint8(k)
		k++
	}
	var err error
	s.messages, err = s.view.Messages(s.rows, r.columns, s.messages[:0])
	return err
}

// readSaved reads the times of saving of some messages, whose rows are at hand.
func (s *search) readSaved(messages mask) error {
	var dates [MaxBatch]int64
	if err := s.view.SaveDates(s.rows, dates[:]); err != nil {
		return err
	}
	k := 0
	for i := range messages.all() {
		s.saved[i] = dates[k]
		k++
	}
	return nil
}

// rawKept is how large a buffer for messages is kept, in bytes: one for a larger message
// is left to the garbage collector before the next search has its turn.
const rawKept = 1 << 20

// readWhole looks for the texts that may decide a message, in all of it. The searches
// of an account take turns, so that one finds what another has just found out.
func (s *search) readWhole(ctx context.Context, i int) error {
	turn := s.view.account.reading
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.choose(i); len(s.pass) == 0 {
		return nil
	}
	var only mask
	only.set(i)
	s.rows = s.view.rowsAt(s.window.places(only), s.rows[:0])
	err := s.searchWhole()
	if errors.Is(err, ErrNotFound) { // erased, though the client still counts it: it has no text
		return nil
	}
	if err != nil {
		return err
	}
	for k, w := range s.passed {
		if s.pass[k].Found {
			s.texts[w].set(i)
		}
		s.answers[w].note(s.window.msg, only, s.texts[w])
	}
	return nil
}

// searchWhole reads the message whose row is at hand, and looks for the texts in pass.
func (s *search) searchWhole() error {
	r := &s.rows[0]
	messages, err := s.view.Messages(s.rows, ColParts, s.messages[:0])
	if err != nil {
		return err
	}
	if messages[0].ID == 0 {
		return ErrNotFound
	}
	root, err := message.DecodeParts(messages[0].Parts)
	if err != nil {
		return err
	}
	s.raw, err = s.view.AppendBytes(slices.Grow(s.raw[:0], int(r.Size)), r, 0, int64(r.Size))
	if err != nil {
		return err
	}
	s.attached.begin(r.Message)
	s.scratch.Search(s.raw, &root, s.pass)
	if cap(s.raw) > rawKept {
		s.raw, s.scratch = nil, message.Scratch{Extract: s.scratch.Extract}
	}
	return s.attached.err
}

// choose makes a list of the texts that some key asks for of a message, and of which
// it is not known yet whether it has them.
func (s *search) choose(i int) {
	s.pass, s.passed = s.pass[:0], s.passed[:0]
	for w := range s.wants {
		var only mask
		if only.set(i); !s.asked[w].has(i) {
			continue
		}
		yes, known := s.answers[w].verdicts(s.window.msg, only)
		s.texts[w] = s.texts[w].or(yes)
		if !known.any() {
			s.pass, s.passed = append(s.pass, s.wants[w]), append(s.passed, w)
		}
	}
}
