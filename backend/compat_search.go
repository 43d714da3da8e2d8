package backend

import (
	"context"
	"strings"
	"time"

	"github.com/emersion/go-imap"

	"satchel/backend/message"
)

// SearchMessages answers a go-imap search.
func (m *imapMailbox) SearchMessages(uid bool, c *imap.SearchCriteria) ([]uint32, error) {
	var numbers []uint32
	err := m.view(true, func(v *View) error {
		found, err := v.Search(context.Background(), queryOf(c), SearchOptions{})
		for first, last := range v.Runs(found.Selection, uid) {
			for n := first; n <= last; n++ {
				numbers = append(numbers, n)
			}
		}
		return err
	})
	return numbers, err
}

// queryOf turns go-imap's criteria, all of which must hold, into a query.
func queryOf(c *imap.SearchCriteria) *Query {
	var all []*Query
	if c.SeqNum != nil {
		all = append(all, &Query{Op: QuerySeqs, Set: rangesOf(c.SeqNum)})
	}
	if c.Uid != nil {
		all = append(all, &Query{Op: QueryUIDs, Set: rangesOf(c.Uid)})
	}
	all = append(append(all, dateQueries(c)...), textQueries(c)...)
	for _, f := range c.WithFlags {
		all = append(all, flagQuery(f))
	}
	for _, f := range c.WithoutFlags {
		all = append(all, Not(flagQuery(f)))
	}
	if c.Larger > 0 {
		all = append(all, &Query{Op: QueryLarger, Size: int64(c.Larger)})
	}
	if c.Smaller > 0 {
		all = append(all, &Query{Op: QuerySmaller, Size: int64(c.Smaller)})
	}
	for _, n := range c.Not {
		all = append(all, Not(queryOf(n)))
	}
	for _, o := range c.Or {
		all = append(all, Or(queryOf(o[0]), queryOf(o[1])))
	}
	return And(all...)
}

func dateQueries(c *imap.SearchCriteria) []*Query {
	var list []*Query
	for _, d := range []struct {
		op  QueryOp
		day time.Time
	}{
		{QueryBefore, c.Before}, {QuerySince, c.Since}, {QuerySentBefore, c.SentBefore}, {QuerySentSince, c.SentSince},
	} {
		if !d.day.IsZero() {
			y, m, day := d.day.Date()
			list = append(list, &Query{Op: d.op, Day: time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Unix() / 86400})
		}
	}
	return list
}

func textQueries(c *imap.SearchCriteria) []*Query {
	var list []*Query
	for name, values := range c.Header {
		for _, v := range values {
			list = append(list, &Query{Op: QueryHeader, Name: name, Needle: message.Fold(nil, []byte(v))})
		}
	}
	for _, t := range c.Body {
		list = append(list, &Query{Op: QueryBody, Needle: message.Fold(nil, []byte(t))})
	}
	for _, t := range c.Text {
		list = append(list, &Query{Op: QueryText, Needle: message.Fold(nil, []byte(t))})
	}
	return list
}

func flagQuery(name string) *Query {
	if strings.EqualFold(name, imap.RecentFlag) {
		return &Query{Op: QueryRecent}
	}
	set, keywords := flagsOf([]string{name})
	if len(keywords) > 0 {
		return &Query{Op: QueryKeyword, Keyword: keywords[0]}
	}
	return &Query{Op: QueryFlags, Flags: set}
}
