package backend

import (
	"slices"

	"satchel/backend/message"
)

// prepare resolves the sets of a query, finds out which columns of the index it needs
// and numbers the texts it looks for.
func (s *search) prepare(q *Query) error {
	switch q.Op {
	case QueryAnd, QueryOr, QueryNot:
		for _, sub := range q.Sub {
			if err := s.prepare(sub); err != nil {
				return err
			}
		}
		slices.SortStableFunc(q.Sub, func(a, b *Query) int { return int(a.deepest()) - int(b.deepest()) })
		return nil
	case QuerySeqs, QueryUIDs, QueryThread:
		if err := s.resolve(q); err != nil {
			return err
		}
	case QueryOlder, QueryYounger:
		q.time = s.now - q.Age
	case QuerySavedBefore, QuerySavedOn, QuerySavedSince:
		makeColumn(&s.saved)
	case QueryHead, QueryHeader, QueryBody, QueryText:
		s.prepareText(q)
	}
	s.keys = append(s.keys, q)
	s.stored = s.stored || q.level() > inMemory
	s.window.need(q)
	return nil
}

// need makes the columns that a key asks for.
func (w *window) need(q *Query) {
	switch q.Op {
	case QueryRecent:
		makeColumn(&w.uid)
	case QueryEmail, QueryThread:
		makeColumn(&w.msg)
	case QueryFlags:
		makeColumn(&w.flags)
	case QueryKeyword:
		makeColumn(&w.keywords)
	case QueryModSeq:
		makeColumn(&w.modseq)
	case QueryLarger, QuerySmaller:
		makeColumn(&w.size)
	case QueryBefore, QueryOn, QuerySince, QueryOlder, QueryYounger:
		makeColumn(&w.date)
	}
	if q.known != nil {
		makeColumn(&w.msg)
	}
}

// resolve finds the messages of a set or of a thread, once for all keys that name the
// same one: a client may write "$" or a thread's identifier a thousand times.
func (s *search) resolve(q *Query) (err error) {
	if i := slices.IndexFunc(s.resolved, q.namesThoseOf); i >= 0 {
		q.spans, q.group = s.resolved[i].spans, s.resolved[i].group
		return nil
	}
	s.resolved = append(s.resolved, q)
	if q.Op == QueryThread {
		q.group, err = s.view.account.threadMessages(MessageID(q.Object))
		return err
	}
	set := q.Set
	if q.Op == QuerySeqs {
		set = present(set, s.view.Exists())
	}
	sel, err := s.view.Resolve(set, q.Op == QueryUIDs)
	q.spans = sel.spans
	return err
}

// namesThoseOf reports whether two keys are about one set, the very same, or one thread.
func (q *Query) namesThoseOf(other *Query) bool {
	return q.Op == other.Op && q.Object == other.Object && len(q.Set) == len(other.Set) &&
		(len(q.Set) == 0 || &q.Set[0] == &other.Set[0])
}

// present leaves out the sequence numbers that no message has: in a search they
// match nothing and are no error. Ranges are in order, with 0 for "*".
func present(set []Range, exists uint32) []Range {
	kept := make([]Range, 0, len(set))
	for _, r := range set {
		if r.First <= exists && exists > 0 {
			kept = append(kept, Range{First: r.First, Last: min(r.Last, exists)})
		}
	}
	return kept
}

// prepareText finds what is known of a text, and numbers it if messages may have to be
// read for it.
func (s *search) prepareText(q *Query) {
	q.asked = false
	if q.known == nil {
		q.known = s.view.account.answers.to(q.answerKey())
	}
	if q.level() != inBody {
		return
	}
	q.want = slices.Index(s.answers, q.known)
	if q.want < 0 {
		q.want = len(s.wants)
		s.wants = append(s.wants, message.Want{Needle: q.Needle, Headers: q.Op == QueryText})
		s.answers = append(s.answers, q.known)
		s.asked, s.texts = append(s.asked, mask{}), append(s.texts, mask{})
	}
}

// deepest is the level of the deepest key.
func (q *Query) deepest() level {
	deepest := q.level()
	for _, sub := range q.Sub {
		deepest = max(deepest, sub.deepest())
	}
	return deepest
}
