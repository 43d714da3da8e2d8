package backend

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"satchel/backend/message"
)

// exactMessage is a message with all that a search may look at, decoded once.
type exactMessage struct {
	bodies, headers [][]byte // the texts, folded
	header          []byte   // as it came
	headText        []byte
}

// exactWorld is an account whose search index is at every stage that there can be,
// and what each search in it must find.
type exactWorld struct {
	t     *testing.T
	rnd   *rand.Rand
	a     *Account
	views []*View
	mail  [][]byte                   // to append from
	truth map[MessageID]exactMessage // what was read of each message
	asked []*Query                   // text keys of earlier searches
	now   time.Time                  // for purges
}

// TestSearchExact compares searches with a plain scan of all texts, while mail arrives,
// is copied, expunged and purged, and while the index is made, merged, interrupted,
// erased and damaged. SATCHEL_EXACT is for how long (2s), SATCHEL_SEED begins with a
// certain seed.
func TestSearchExact(t *testing.T) {
	seed, _ := strconv.ParseUint(os.Getenv("SATCHEL_SEED"), 10, 64)
	if seed == 0 {
		seed = rand.Uint64() >> 32
	}
	long, err := time.ParseDuration(os.Getenv("SATCHEL_EXACT"))
	if err != nil {
		long = 2 * time.Second
	}
	for end := time.Now().Add(long); ; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newExactWorld(t, seed)
			for range 60 {
				w.step()
			}
		})
		if t.Failed() || time.Now().After(end) {
			return
		}
	}
}

// newExactWorld opens an account that indexes only when it is told to.
func newExactWorld(t *testing.T, seed uint64) *exactWorld {
	a := unindexed(t)
	w := &exactWorld{t: t, rnd: rand.New(rand.NewPCG(seed, 0)), a: a, truth: map[MessageID]exactMessage{}, now: time.Now()}
	a.backend.cfg.ReadFew = []int{-1, few}[w.rnd.IntN(2)]
	w.mail = exactMail(t, w.rnd)
	w.append(100)
	w.views = []*View{open(t, a, "INBOX", false), open(t, a, "INBOX", false), open(t, a, "Archive", false)}
	w.learn(w.views[0], w.views[0].Rows(w.views[0].All(), 0, int(w.views[0].Exists()), nil))
	w.search(20)
	return w
}

func (w *exactWorld) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// step changes something and searches.
func (w *exactWorld) step() {
	w.t.Helper()
	v := w.views[w.rnd.IntN(len(w.views))]
	switch w.rnd.IntN(12) {
	case 0:
		w.append(1 + w.rnd.IntN(8))
	case 1:
		w.append(1)
		w.index(false)
	case 2, 3:
		for range 9 { // enough for a merge
			w.append(1)
			w.index(false)
		}
	case 4:
		w.index(true)
	case 5:
		_, err := v.Copy(w.some(v), []string{"INBOX", "Archive"}[w.rnd.IntN(2)], false)
		w.check(err)
	case 6:
		w.expunge(v)
	case 7:
		w.pull()
	case 8:
		w.pull()
		w.now = w.now.Add(2 * purgeEvery)
		w.check(w.a.purge(w.now, w.now))
	case 9:
		_, err := v.Store(w.some(v), StoreRequest{Op: StoreAdd, Flags: Flags(w.rnd.IntN(32))})
		w.check(err)
	case 10:
		w.erase()
	default:
		w.damage()
	}
	w.search(8)
}

// some is a few messages of a view.
func (w *exactWorld) some(v *View) Selection {
	at := w.rnd.IntN(int(v.Exists()) + 1)
	return v.All().Slice(at, at+1+w.rnd.IntN(6))
}

func (w *exactWorld) append(n int) {
	w.t.Helper()
	var b Batch
	for range n {
		in := incoming(w.t, w.a, string(w.mail[w.rnd.IntN(len(w.mail))]))
		in.Date = time.Unix(year2024*86400+w.rnd.Int64N(9*86400), 0)
		in.Flags = Flags(w.rnd.IntN(8))
		b.Add(in)
	}
	_, err := w.a.AppendBatch("INBOX", &b)
	w.check(err)
}

// index does all there is to do, or stops anywhere.
func (w *exactWorld) index(stop bool) {
	w.t.Helper()
	stopped := errors.New("stop")
	left := w.rnd.IntN(12)
	for more := true; more; {
		var err error
		more, err = w.a.indexSome(func() error {
			if left--; stop && left < 0 {
				return stopped
			}
			return nil
		})
		if errors.Is(err, stopped) {
			return
		}
		w.check(err)
	}
}

// expunge lets a few messages go. Other views count them until they pull.
func (w *exactWorld) expunge(v *View) {
	w.t.Helper()
	if v.Exists() < 20 {
		return
	}
	some := w.some(v)
	_, err := v.Store(some, StoreRequest{Op: StoreAdd, Flags: FlagDeleted})
	w.check(err)
	w.check(v.Expunge(&some))
}

func (w *exactWorld) pull() {
	for _, v := range w.views {
		v.Pull(true)
	}
}

// erase begins the index anew, perhaps while a segment is being made.
func (w *exactWorld) erase() {
	w.t.Helper()
	x, err := w.a.searchIndex()
	w.check(err)
	if w.rnd.IntN(2) == 0 {
		w.check(x.Erase())
		return
	}
	w.append(3)
	erased := false
	_, err = w.a.indexSome(func() error {
		if !erased {
			erased = true
			return x.Erase()
		}
		return nil
	})
	w.check(err)
}

// search makes random searches in all views.
func (w *exactWorld) search(n int) {
	w.t.Helper()
	for range n {
		v := w.views[w.rnd.IntN(len(w.views))]
		rows := v.Rows(v.All(), 0, int(v.Exists()), nil)
		w.learn(v, rows)
		q, holds := w.query(3)
		var want []uint32
		for i := range rows {
			if holds(&rows[i]) {
				want = append(want, rows[i].Seq)
			}
		}
		var o SearchOptions
		if o.Backward = w.rnd.IntN(2) == 0; w.rnd.IntN(3) == 0 && len(want) > 0 {
			o.Enough = 1 + w.rnd.IntN(len(want))
			if want = want[:o.Enough]; o.Backward {
				continue
			}
		}
		found, err := v.Search(context.Background(), q, o)
		if got := numbers(v, found.Selection, false); err != nil || !slices.Equal(got, want) {
			w.t.Fatalf("%s, %+v: %v\n%s\n%v\nwant %v", v.Name(), o, err, queryText(q), got, want)
		}
	}
}

// learn decodes the messages that are not known yet.
func (w *exactWorld) learn(v *View, rows []Row) {
	w.t.Helper()
	for i := range rows {
		r := &rows[i]
		if _, ok := w.truth[r.Message]; ok {
			continue
		}
		stored, err := v.Messages(rows[i:i+1], ColParts|ColHeader|ColHeadText, nil)
		w.check(err)
		raw, err := v.AppendBytes(nil, r, 0, int64(r.Size))
		w.check(err)
		m := exactMessage{header: stored[0].Header, headText: stored[0].HeadText}
		root, err := message.DecodeParts(stored[0].Parts)
		w.check(err)
		var text []byte
		new(message.Scratch).Texts(raw, &root, true, func(p message.Piece) bool {
			if text = append(text, p.Text...); p.End && p.Header {
				m.headers, text = append(m.headers, text), nil
			} else if p.End {
				m.bodies, text = append(m.bodies, text), nil
			}
			return true
		})
		w.truth[r.Message] = m
	}
}
