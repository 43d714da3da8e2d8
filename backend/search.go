package backend

import (
	"context"
	"fmt"
	"slices"
	"time"

	"satchel/backend/extract"
	"satchel/backend/message"
)

// SearchOptions says where a search looks and how far it goes. The zero value is
// every message of the view.
type SearchOptions struct {
	In       *Selection // only among these messages
	Enough   int        // end when so many are found; 0: find all
	Backward bool       // begin with the last message: of use with Enough
	Most     int        // look at the last so many messages only (RFC 9738); 0: at all
	// Progress is called now and then with nothing locked and nothing of the
	// database open. An error of it ends the search.
	Progress func(done, total int) error
}

// enough is the part of what matches that is asked for.
func (o *SearchOptions) enough(s Selection) Selection {
	switch {
	case o.Enough == 0:
		return s
	case o.Backward:
		return s.Slice(s.n-o.Enough, s.n)
	}
	return s.Slice(0, o.Enough)
}

// Found is what a search found.
type Found struct {
	Selection
	// LowestUID is the lowest UID looked at if Most left out messages below it, else 0.
	LowestUID UID
}

// Search finds the messages of the view for which q holds: exactly, by substring
// of decoded and folded text (RFC 3501, 6.4.4; RFC 5255, 4.6). Keys that memory
// can answer come first, then stored columns, then headers, then whole messages,
// each only for the messages still undecided. It ends early with ctx's error.
func (v *View) Search(ctx context.Context, q *Query, o SearchOptions) (Found, error) {
	s := search{view: v, query: q, options: o, now: time.Now().Unix()}
	if err := s.prepare(q); err != nil {
		return Found{}, err
	}
	in := v.All()
	if o.In != nil {
		in = *o.In
	}
	in, decided := narrow(q, in)
	found := Found{}
	if o.Most > 0 && in.Len() > o.Most {
		in = in.Slice(in.Len()-o.Most, in.Len())
		found.LowestUID = v.LowestUID(in)
	}
	if decided {
		found.Selection = o.enough(in)
		return found, nil
	}
	began := time.Now()
	err := s.run(ctx, in)
	v.account.backend.meters.searches.AddTime(time.Since(began))
	if err != nil {
		err = fmt.Errorf("search %q: %w", v.Name(), err)
	}
	found.Selection = s.found
	return found, err
}

// narrow leaves out the messages that a set at the top of the query excludes, and
// says whether all that are left match: then none needs to be looked at.
func narrow(q *Query, in Selection) (_ Selection, decided bool) {
	switch q.Op {
	case QueryAll:
		return in, true
	case QuerySeqs, QueryUIDs:
		return in.intersect(q.spans), true
	case QueryAnd:
		decided = true
		for _, sub := range q.Sub {
			var all bool
			in, all = narrow(sub, in)
			decided = decided && all
		}
		return in, decided
	}
	return in, false
}

// search is one SEARCH under way.
type search struct {
	view    *View
	query   *Query
	options SearchOptions
	stopped func() error
	now     int64    // Unix seconds
	total   int      // messages to be looked at
	err     error    // of asking the search index
	stored  bool     // a key asks for more than memory has
	keys    []*Query // all that are no And, Or or Not
	found   Selection

	resolved []*Query // keys whose messages are known

	// Of the batch at hand.
	window   window
	level    level
	hits     mask
	left     mask // undecided
	requests [levels]request

	rows     []Row
	messages []Message
	slot     [MaxBatch]uint8 // where messages has the columns of a message of the window
	saved    []int64         // times of saving, Unix seconds

	wants   []message.Want
	answers []*answer // what is known of each of wants
	asked   []mask    // for each, where it decides
	texts   []mask    // and where it was found
	pass    []message.Want
	passed  []int // their places in wants
	scratch message.Scratch
	raw     []byte

	attached attached
}

// run decides the messages of a selection, batch by batch.
func (s *search) run(ctx context.Context, in Selection) error {
	size, total := s.batchSize(), in.Len()
	s.stopped, s.total = ctx.Err, total
	s.attached = attached{account: s.view.account, use: extract.ToSearch, ctx: ctx}
	s.scratch.Extract = s.attached.extract()
	left := cursor{left: in.spans, backward: s.options.Backward}
	for done := 0; done < total && !s.enough(); done += s.window.n {
		s.reserve(done, total)
		s.window.runs = left.next(size, s.window.runs[:0])
		s.window.fill(s.view)
		if err := s.batch(ctx, func(i int) error { return s.progress(done+i, total) }); err != nil {
			return err
		}
		s.collect()
	}
	if s.options.Backward {
		s.found = merge(s.found.spans)
	}
	return nil
}

// reserve makes room for what a batch finds at most, and for what the rest is likely to
// bring, within a few times what was found so far.
func (s *search) reserve(done, total int) {
	spans := s.found.spans
	if cap(spans)-len(spans) < MaxBatch && done > 0 {
		s.found.spans = slices.Grow(spans, MaxBatch+len(spans)*min(3, (total-done)/done))
	}
}

// batchSize is small where only a few of many messages are to be read.
func (s *search) batchSize() int {
	if s.options.Enough > 0 && s.stored {
		return few
	}
	return MaxBatch
}

func (s *search) enough() bool { return s.options.Enough > 0 && s.found.n >= s.options.Enough }

func (s *search) progress(done, total int) error {
	if s.options.Progress == nil {
		return nil
	}
	return s.options.Progress(done, total)
}

// collect adds the batch's hits to what was found.
func (s *search) collect() {
	hits := s.hits
	switch wanted := s.options.Enough - s.found.n; {
	case s.options.Enough == 0:
	case s.options.Backward:
		hits = hits.last(wanted)
	default:
		hits = hits.first(wanted)
	}
	for place := range s.window.places(hits) {
		s.found.add(place)
	}
}
