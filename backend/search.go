package backend

import (
	"context"
	"fmt"
	"slices"
	"time"

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
		found.Selection = in
		return found, nil
	}
	err := s.run(ctx, in)
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
	now     int64           // Unix seconds
	columns [levels]Columns // what each level needs
	dates   bool            // times of saving are needed
	wants   []message.Want
	found   Selection

	resolved []*Query // keys whose messages are known

	// Of the batch at hand.
	rows      []Row
	hits      [MaxBatch]bool
	saved     []int64 // times of saving, Unix seconds, if they are needed
	undecided []int   // places in rows
	wanted    []Row
	messages  []Message
	scratch   message.Scratch
	raw       []byte
}

// run decides the messages of a selection, batch by batch.
func (s *search) run(ctx context.Context, in Selection) error {
	size, total := s.batchSize(), in.Len()
	s.rows = make([]Row, 0, min(size, total))
	if s.dates {
		s.saved = make([]int64, MaxBatch)
	}
	for done := 0; done < total && !s.enough(); {
		n := min(size, total-done)
		from := done
		if s.options.Backward {
			from = total - done - n
		}
		s.rows = s.view.Rows(in, from, n, s.rows[:0])
		if err := s.batch(ctx, func(i int) error { return s.progress(done+i, total) }); err != nil {
			return err
		}
		s.collect()
		done += n
	}
	if s.options.Backward {
		slices.Reverse(s.found.spans)
	}
	return nil
}

// batchSize is small where only a few of many messages are to be read.
func (s *search) batchSize() int {
	const few = 16
	if s.options.Enough > 0 && (len(s.wants) > 0 || s.columns != [levels]Columns{}) {
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
	last := len(s.rows) - 1
	for k := range s.rows {
		i := k
		if s.options.Backward {
			i = last - k
		}
		if s.hits[i] && !s.enough() {
			s.found.add(int(s.rows[i].Seq) - 1)
		}
	}
}
