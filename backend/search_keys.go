package backend

import (
	"strings"

	"satchel/backend/message"
)

// level says how deep one must look to decide a key.
type level uint8

const (
	inMemory  level = iota // flags, sizes, dates, sets
	inColumns              // the Date field, addresses and subject, the time of saving
	inHeader               // any header field
	inBody                 // text
	levels
)

// level says what must have been read to decide a key.
func (q *Query) level() level {
	switch q.Op {
	case QuerySentBefore, QuerySentOn, QuerySentSince, QueryHead, QuerySavedBefore, QuerySavedOn, QuerySavedSince:
		return inColumns
	case QueryHeader:
		return inHeader
	case QueryBody, QueryText:
		if len(q.Needle) > 0 { // else it is everywhere
			return inBody
		}
	}
	return inMemory
}

// holds is the messages in need for which a single key holds. What its level needs
// of them has been read.
func (s *search) holds(q *Query, need mask) mask {
	w := &s.window
	switch q.Op {
	case QueryAll:
		return need
	case QuerySeqs, QueryUIDs:
		return need.and(w.within(q.spans))
	case QueryFlags:
		return sweepFlags(need, w.flags, q.Flags)
	case QueryRecent:
		return sweep(need, w.uid, s.view.isRecent)
	case QueryKeyword:
		return sweep(need, w.keywords, func(list []string) bool { return hasKeyword(list, q.Keyword) })
	case QueryEmail:
		return sweep(need, w.msg, func(id MessageID) bool { return int64(id) == q.Object })
	case QueryThread:
		return sweep(need, w.msg, func(id MessageID) bool { return q.group[id] })
	case QueryLarger:
		return sweep(need, w.size, func(n uint32) bool { return int64(n) > q.Size })
	case QuerySmaller:
		return sweep(need, w.size, func(n uint32) bool { return int64(n) < q.Size })
	case QueryBefore, QueryOn, QuerySince:
		return sweep(need, w.date, func(t int64) bool { return compareDay(q.Op-QueryBefore, dayOf(t), q.Day) })
	case QueryOlder:
		return sweep(need, w.date, func(t int64) bool { return t <= q.time })
	case QueryYounger:
		return sweep(need, w.date, func(t int64) bool { return t >= q.time })
	case QueryModSeq:
		return sweep(need, w.modseq, func(n ModSeq) bool { return n >= q.ModSeq })
	}
	return s.holdsStored(q, need)
}

// holdsStored is holds for the keys that ask for what is in the database.
func (s *search) holdsStored(q *Query, need mask) (m mask) {
	switch q.Op {
	case QueryBody, QueryText:
		if q.level() == inMemory {
			return need
		}
		return need.and(s.texts[q.want])
	case QuerySavedBefore, QuerySavedOn, QuerySavedSince:
		return sweep(need, s.saved, func(t int64) bool { return compareDay(q.Op-QuerySavedBefore, dayOf(t), q.Day) })
	}
	for i := range need.all() {
		if q.holdsFor(&s.messages[s.slot[i]]) {
			m.set(i)
		}
	}
	return m
}

// holdsFor decides a key on stored columns.
func (q *Query) holdsFor(m *Message) bool {
	switch q.Op {
	case QuerySentBefore, QuerySentOn, QuerySentSince:
		return m.HasSent && compareDay(q.Op-QuerySentBefore, dayOf(m.Sent+int64(m.SentZone)*60), q.Day)
	case QueryHead:
		return message.HeadTextContains(m.HeadText, q.Head, q.Needle)
	case QueryHeader:
		return message.HeaderContains(m.Header, q.Name, q.Needle)
	}
	return false
}

// compareDay is BEFORE, ON or SINCE, as which is 0, 1 or 2.
func compareDay(which QueryOp, day, wanted int64) bool {
	switch which {
	case 0:
		return day < wanted
	case 1:
		return day == wanted
	}
	return day >= wanted
}

// dayOf is the day of a time in Unix seconds, rounded down before 1970 as well.
func dayOf(unix int64) int64 {
	const day = 24 * 60 * 60
	if unix < 0 {
		unix -= day - 1
	}
	return unix / day
}

func hasKeyword(list []string, keyword string) bool {
	for _, k := range list {
		if strings.EqualFold(k, keyword) {
			return true
		}
	}
	return false
}
