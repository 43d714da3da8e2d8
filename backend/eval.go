package backend

// A key is yes, no or maybe for a message of which not all has been read. eval gives
// the first and the last of these as masks, of the messages in need only; no is the
// rest of them.
//
// What a key was once found to be stays. So a later level asks each key for no more
// messages than the one before did, and a key that was passed over because another
// had decided is not asked at all.
func (s *search) eval(q *Query, need mask) (yes, maybe mask) {
	switch q.Op {
	case QueryAnd:
		return s.evalAnd(q, need)
	case QueryOr:
		return s.evalOr(q, need)
	case QueryNot:
		yes, maybe = s.eval(q.Sub[0], need)
		return need.without(yes.or(maybe)), maybe
	}
	return s.evalKey(q, need)
}

func (s *search) evalAnd(q *Query, need mask) (yes, maybe mask) {
	yes = need
	for _, sub := range q.Sub {
		if !need.any() {
			break
		}
		y, m := s.eval(sub, need)
		need = need.and(y.or(m))
		yes = yes.and(y)
	}
	return yes, need.without(yes)
}

func (s *search) evalOr(q *Query, need mask) (yes, maybe mask) {
	for _, sub := range q.Sub {
		if !need.any() {
			break
		}
		y, m := s.eval(sub, need)
		need = need.without(y)
		yes, maybe = yes.or(y), maybe.or(m)
	}
	return yes, maybe.without(yes)
}

// evalKey decides a single key for the messages for which that can be done now, and
// notes what must be read for the others.
func (s *search) evalKey(q *Query, need mask) (yes, maybe mask) {
	maybe = need.without(q.decided)
	if maybe.any() {
		switch {
		case q.level() == s.level:
			q.yes = q.yes.or(s.holds(q, maybe))
			q.decided = q.decided.or(maybe)
			if s.level == inColumns || s.level == inHeader {
				s.keep(q, maybe)
			}
		case s.level == inMemory && q.known != nil:
			s.ask(q)
			yes, known := q.known.verdicts(s.window.msg, maybe)
			q.yes, q.decided = q.yes.or(yes), q.decided.or(known)
		}
		if maybe = need.without(q.decided); maybe.any() {
			s.request(q, maybe)
		}
	}
	return q.yes.and(need), maybe
}

// few is how many messages are read sooner than the index is asked about them, and how
// many make a batch where only some of those that match are wanted.
const few = 16

// ask asks the search index of a text, once in a search.
func (s *search) ask(q *Query) {
	if q.asked || s.total <= s.view.account.backend.cfg.ReadFew || s.err != nil {
		return
	}
	q.asked = true
	s.err = q.known.ask(s.view.account, s.stopped)
}

// keep tells other searches what reading has shown of a text.
func (s *search) keep(q *Query, read mask) {
	if q.known != nil {
		q.known.note(s.window.msg, read, q.yes)
	}
}

// request is what a level has to read for the keys that are undecided.
type request struct {
	messages mask
	columns  Columns
	saved    bool // times of saving
}

// request notes what must be read to decide a key for some messages.
func (s *search) request(q *Query, messages mask) {
	r := &s.requests[q.level()]
	r.messages = r.messages.or(messages)
	switch q.Op {
	case QuerySavedBefore, QuerySavedOn, QuerySavedSince:
		r.saved = true
	case QuerySentBefore, QuerySentOn, QuerySentSince:
		r.columns |= ColSent
	case QueryHead:
		r.columns |= ColHeadText
	case QueryHeader:
		r.columns |= ColHeader
	case QueryBody, QueryText:
		r.columns |= ColParts
		s.asked[q.want] = s.asked[q.want].or(messages)
	}
}
