package backend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"satchel/backend/message"
)

// searched is a message as the plain model of a search sees it.
type searched struct {
	Row
	gone                bool
	subject, note, body string
	sent                int64 // day
}

// searchModel makes random queries and knows for each, by plain evaluation, what it
// must find.
type searchModel struct {
	rnd      *rand.Rand
	messages []searched
	text     int // keys in the query that look for text
}

const year2024 = 19723 // 1 January, in days since 1970

// fillSearched appends random messages, of which the model keeps the texts.
func (m *searchModel) fillSearched(t *testing.T, a *Account, n int) {
	var b Batch
	for range n {
		r := searched{subject: m.word(), note: m.word(), body: m.word(), sent: int64(year2024 + m.rnd.IntN(9))}
		in := incoming(t, a, fmt.Sprintf("Subject: %s\r\nDate: %s\r\nX-Note: %s\r\n\r\n%s%s\r\n", r.subject,
			time.Unix(r.sent*86400, 0).UTC().Format(time.RFC1123Z), r.note, r.body, strings.Repeat(".", m.rnd.IntN(9))))
		in.Date = time.Unix(year2024*86400+m.rnd.Int64N(9*86400), 0)
		in.Flags = Flags(m.rnd.IntN(8))
		if m.rnd.IntN(3) == 0 {
			in.Keywords = []string{m.word()}
		}
		b.Add(in)
		m.messages = append(m.messages, r)
	}
	if _, err := a.AppendBatch("INBOX", &b); err != nil {
		t.Fatal(err)
	}
}

func (m *searchModel) word() string {
	return []string{"red", "green", "blue", "grey", "redgreen", "bluegrey"}[m.rnd.IntN(6)]
}

// query makes a random query of a depth, and what it means.
func (m *searchModel) query(depth int) (*Query, func(*searched) bool) {
	if depth == 0 || m.rnd.IntN(5) == 0 {
		if m.rnd.IntN(3) == 0 {
			return m.textKey()
		}
		return m.plainKey()
	}
	a, holdsA := m.query(depth - 1)
	b, holdsB := m.query(depth - 1)
	switch m.rnd.IntN(3) {
	case 0:
		return And(a, b), func(r *searched) bool { return holdsA(r) && holdsB(r) }
	case 1:
		return Or(a, b), func(r *searched) bool { return holdsA(r) || holdsB(r) }
	}
	return Not(a), func(r *searched) bool { return !holdsA(r) }
}

// plainKey makes a key that is not about text.
func (m *searchModel) plainKey() (*Query, func(*searched) bool) {
	day, flag, word := int64(year2024+m.rnd.IntN(9)), Flags(1)<<m.rnd.IntN(3), m.word()
	some := m.messages[m.rnd.IntN(len(m.messages))]
	first := uint32(m.rnd.IntN(len(m.messages)) + 1)
	last := first + uint32(m.rnd.IntN(300))
	keys := []struct {
		q     Query
		holds func(*searched) bool
	}{
		{Query{Op: QueryAll}, func(*searched) bool { return true }},
		{Query{Op: QueryFlags, Flags: flag}, func(r *searched) bool { return r.Flags&flag != 0 }},
		{Query{Op: QueryRecent}, func(r *searched) bool { return r.Recent }},
		{Query{Op: QueryKeyword, Keyword: strings.ToUpper(word)}, func(r *searched) bool { return slices.Contains(r.Keywords, word) }},
		{Query{Op: QuerySeqs, Set: []Range{{first, last}, {1, 2}}}, func(r *searched) bool { return r.Seq <= 2 || first <= r.Seq && r.Seq <= last }},
		{Query{Op: QueryUIDs, Set: []Range{{first, last}}}, func(r *searched) bool { return first <= uint32(r.UID) && uint32(r.UID) <= last }},
		{Query{Op: QueryLarger, Size: int64(some.Size)}, func(r *searched) bool { return r.Size > some.Size }},
		{Query{Op: QuerySmaller, Size: int64(some.Size)}, func(r *searched) bool { return r.Size < some.Size }},
		{Query{Op: QueryBefore, Day: day}, func(r *searched) bool { return r.Date < day*86400 }},
		{Query{Op: QueryOn, Day: day}, func(r *searched) bool { return r.Date/86400 == day }},
		{Query{Op: QuerySince, Day: day}, func(r *searched) bool { return r.Date >= day*86400 }},
		{Query{Op: QueryOlder, Age: 3600}, func(*searched) bool { return true }},
		{Query{Op: QueryYounger, Age: 3600}, func(*searched) bool { return false }},
		{Query{Op: QueryModSeq, ModSeq: some.ModSeq}, func(r *searched) bool { return r.ModSeq >= some.ModSeq }},
		{Query{Op: QueryEmail, Object: int64(some.Message)}, func(r *searched) bool { return r.Message == some.Message }},
		{Query{Op: QuerySentBefore, Day: day}, func(r *searched) bool { return r.sent < day }},
		{Query{Op: QuerySentOn, Day: day}, func(r *searched) bool { return r.sent == day }},
		{Query{Op: QuerySavedSince, Day: year2024 + 366}, func(r *searched) bool { return !r.gone }},
	}
	k := keys[m.rnd.IntN(len(keys))]
	return &k.q, k.holds
}

// textKey makes a key that looks for text. Of some the index claims to know something
// at random: where it decides, it must be believed, which shows that nothing is read.
func (m *searchModel) textKey() (*Query, func(*searched) bool) {
	word := m.word()
	m.text++
	keys := []struct {
		q    Query
		text func(*searched) string
	}{
		{Query{Op: QueryHead, Head: message.Subject}, func(r *searched) string { return r.subject }},
		{Query{Op: QueryHeader, Name: "x-note"}, func(r *searched) string { return r.note }},
		{Query{Op: QueryBody}, func(r *searched) string { return r.body }},
		{Query{Op: QueryText}, func(r *searched) string { return r.subject + " " + r.note + " " + r.body }},
	}
	k := keys[m.rnd.IntN(len(keys))]
	k.q.Needle = message.Fold(nil, []byte(word))
	has := func(r *searched) bool { return strings.Contains(k.text(r), word) }
	if m.rnd.IntN(3) == 0 {
		return &k.q, has
	}
	covered, exact := MessageID(m.rnd.IntN(len(m.messages)+50)), m.rnd.IntN(2) == 0
	var some []MessageID
	members := map[MessageID]bool{}
	for i := range m.messages {
		if id := m.messages[i].Message; m.rnd.IntN(3) == 0 {
			some, members[id] = append(some, id), true
		}
	}
	k.q.known = claim(covered, exact, some)
	return &k.q, func(r *searched) bool {
		switch {
		case r.Message > covered:
			return has(r)
		case !members[r.Message]:
			return false
		}
		return exact || has(r)
	}
}

// claim is what the index may say of a text: of the messages up to covered, some have
// it, or may have it.
func claim(covered MessageID, exact bool, some []MessageID) *answer {
	n := &answer{covered: covered}
	set := &n.possible
	if exact {
		set = &n.sure
	}
	for _, id := range some {
		if id <= covered {
			set.Add(int64(id))
		}
	}
	return n
}

// options makes random options, and what they leave of what was found.
func (m *searchModel) options(v *View) (SearchOptions, func([]uint32) []uint32) {
	var o SearchOptions
	all := v.All()
	in := all
	if m.rnd.IntN(2) == 0 {
		var spans []span
		for at := m.rnd.IntN(40); at < all.Len(); at += m.rnd.IntN(90) + 1 {
			spans = append(spans, span{at, min(at+m.rnd.IntN(60)+1, all.Len())})
		}
		in = merge(spans)
		o.In = &in
	}
	if m.rnd.IntN(2) == 0 {
		o.Enough, o.Backward = m.rnd.IntN(300)+1, m.rnd.IntN(2) == 0
	}
	return o, func(found []uint32) (left []uint32) {
		for _, seq := range found {
			if inSpan := func(p span) bool { return p.from < int(seq) && int(seq) <= p.to }; slices.ContainsFunc(in.spans, inSpan) {
				left = append(left, seq)
			}
		}
		if n := len(left) - o.Enough; o.Enough > 0 && n > 0 && o.Backward {
			return left[n:]
		} else if o.Enough > 0 && n > 0 {
			return left[:o.Enough]
		}
		return left
	}
}

// TestSearchModel compares random searches with a plain evaluation, in a view that others
// have changed and expunged messages of.
func TestSearchModel(t *testing.T) {
	m := &searchModel{rnd: rand.New(rand.NewPCG(1, 1))}
	_, a := testAccount(t)
	m.fillSearched(t, a, 400)
	open(t, a, "INBOX", false).Close() // these are \Recent no more
	m.fillSearched(t, a, 300)
	v, other := open(t, a, "INBOX", false), open(t, a, "INBOX", false)
	for i := range 40 {
		if _, err := other.Store(other.All().Slice(7*i, 9*i), StoreRequest{Op: StoreAdd, Flags: Flags(i % 8)}); err != nil {
			t.Fatal(err)
		}
	}
	gone := Union(v.All().Slice(0, 2), v.All().Slice(300, 303), v.All().Slice(640, 700))
	if _, err := other.Move(gone, "Trash", true); err != nil {
		t.Fatal(err)
	}
	gone.each(func(place int) { m.messages[place].gone = true })
	for i, r := range v.Rows(v.All(), 0, 700, nil) {
		m.messages[i].Row = r
	}
	for round := range 600 {
		m.text = 0
		q, holds := m.query(3)
		o, left := m.options(v)
		var want []uint32
		for i := range m.messages {
			if holds(&m.messages[i]) {
				want = append(want, m.messages[i].Seq)
			}
		}
		want = left(want)
		found, err := v.Search(context.Background(), q, o)
		if got := numbers(v, found.Selection, false); err != nil || !slices.Equal(got, want) {
			t.Fatalf("round %d, %d text keys, %+v: %v\n%v\nwant %v", round, m.text, o, err, got, want)
		}
	}
}

// TestSearchReadsUndecided: of a text that the index knows of, only the messages that it
// leaves open are read, one step of progress each.
func TestSearchReadsUndecided(t *testing.T) {
	_, a := testAccountWith(t, Config{Data: t.TempDir(), NoIndex: true})
	fill(t, a, "INBOX", 30)
	v := open(t, a, "INBOX", false)
	needle := message.Fold(nil, []byte("body"))
	body := func(covered int, exact bool, members ...MessageID) *Query {
		return &Query{Op: QueryBody, Needle: needle, known: claim(v.msgs[covered-1], exact, members)}
	}
	flagged := &Query{Op: QueryFlags, Flags: FlagFlagged}
	for name, c := range map[string]struct {
		q           *Query
		read, found int
	}{
		"nothing known": {&Query{Op: QueryBody, Needle: needle}, 30, 30},
		"all known":     {body(30, true, v.msgs[3]), 0, 1},
		"the latest":    {body(28, true, v.msgs[3]), 2, 3},
		"candidates":    {body(30, false, v.msgs[3], v.msgs[9]), 2, 2},
		"not":           {Not(body(30, false, v.msgs[3])), 1, 29},
		"one is enough": {Or(body(30, false, v.msgs[3]), body(30, true, v.msgs[3])), 0, 1},
		"memory":        {And(body(3, true), flagged), 0, 0},
	} {
		steps := -1 // one is of memory
		found, err := v.Search(context.Background(), c.q, SearchOptions{Progress: func(int, int) error { steps++; return nil }})
		if err != nil || found.Len() != c.found || steps != c.read {
			t.Errorf("%s: %d found (%v), %d read, want %d and %d", name, found.Len(), err, steps, c.found, c.read)
		}
	}
}
