package backend

import (
	"sort"
	"strings"

	"satchel/backend/message"
)

// verdict is the value of a key for a message of which not all has been read.
type verdict uint8

const (
	no verdict = iota
	yes
	maybe
)

func is(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// eval decides a query for a candidate, as far as what has been read allows.
func (q *Query) eval(c *candidate) verdict {
	switch q.Op {
	case QueryAnd:
		return q.evalAnd(c)
	case QueryOr:
		return q.evalOr(c)
	case QueryNot:
		switch q.Sub[0].eval(c) {
		case yes:
			return no
		case no:
			return yes
		}
		return maybe
	}
	if c.level < q.level() {
		return maybe
	}
	return is(q.holds(c))
}

func (q *Query) evalAnd(c *candidate) verdict {
	all := yes
	for _, sub := range q.Sub {
		switch sub.eval(c) {
		case no:
			return no
		case maybe:
			all = maybe
		}
	}
	return all
}

func (q *Query) evalOr(c *candidate) verdict {
	one := no
	for _, sub := range q.Sub {
		switch sub.eval(c) {
		case yes:
			return yes
		case maybe:
			one = maybe
		}
	}
	return one
}

// level says what must have been read to decide a key.
func (q *Query) level() level {
	switch q.Op {
	case QuerySentBefore, QuerySentOn, QuerySentSince, QueryHead, QuerySavedBefore, QuerySavedOn, QuerySavedSince:
		return inColumns
	case QueryHeader:
		return inHeader
	case QueryBody, QueryText:
		return inBody
	}
	return inMemory
}

// holds decides a single key for a candidate that has been read to its level.
func (q *Query) holds(c *candidate) bool {
	r := c.row
	switch q.Op {
	case QueryAll:
		return true
	case QuerySeqs, QueryUIDs:
		return inSpans(q.spans, int(r.Seq)-1)
	case QueryFlags:
		return r.Flags&q.Flags == q.Flags
	case QueryRecent:
		return r.Recent
	case QueryKeyword:
		return hasKeyword(r.Keywords, q.Keyword)
	case QueryEmail:
		return int64(r.Message) == q.Object
	case QueryThread:
		return q.group[r.Message]
	case QueryLarger:
		return int64(r.Size) > q.Size
	case QuerySmaller:
		return int64(r.Size) < q.Size
	case QueryBefore, QueryOn, QuerySince:
		return compareDay(q.Op-QueryBefore, dayOf(r.Date), q.Day)
	case QueryOlder:
		return r.Date <= q.time
	case QueryYounger:
		return r.Date >= q.time
	case QueryModSeq:
		return r.ModSeq >= q.ModSeq
	}
	return q.holdsStored(c)
}

// holdsStored is holds for the keys that ask for what is in the database.
func (q *Query) holdsStored(c *candidate) bool {
	switch q.Op {
	case QuerySavedBefore, QuerySavedOn, QuerySavedSince:
		return compareDay(q.Op-QuerySavedBefore, dayOf(c.saved), q.Day)
	case QuerySentBefore, QuerySentOn, QuerySentSince:
		return c.stored.HasSent && compareDay(q.Op-QuerySentBefore, dayOf(c.stored.Sent+int64(c.stored.SentZone)*60), q.Day)
	case QueryHead:
		return message.HeadTextContains(c.stored.HeadText, q.Head, q.Needle)
	case QueryHeader:
		return message.HeaderContains(c.stored.Header, q.Name, q.Needle)
	case QueryBody, QueryText:
		return c.wants[q.want].Found
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

// inSpans looks a place up in ascending spans that do not touch.
func inSpans(spans []span, place int) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].to > place })
	return i < len(spans) && spans[i].from <= place
}

func hasKeyword(list []string, keyword string) bool {
	for _, k := range list {
		if strings.EqualFold(k, keyword) {
			return true
		}
	}
	return false
}
