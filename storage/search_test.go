package storage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"satchel/storage/terms"
)

// indexed is a search index with the texts that were put into it.
type indexed struct {
	*SearchIndex
	t     *testing.T
	texts []string // of message 1, 2 ...
	gone  map[int64]bool
	build *terms.Builder
}

func openIndex(t *testing.T) *indexed {
	t.Helper()
	x, replaced, err := OpenSearchIndex(filepath.Join(t.TempDir(), "search.db"), "mail 1")
	must(t, errors.Join(replaced, err))
	i := &indexed{SearchIndex: x, t: t, build: terms.NewBuilder(), gone: map[int64]bool{}}
	t.Cleanup(func() { must(t, i.Rest()) })
	return i
}

// reopen opens the file anew.
func (x *indexed) reopen(identity string) (replaced error) {
	x.t.Helper()
	must(x.t, x.Rest())
	var err error
	x.SearchIndex, replaced, err = OpenSearchIndex(x.path, identity)
	must(x.t, err)
	return replaced
}

// add indexes n more messages as one segment.
func (x *indexed) add(n int) {
	x.t.Helper()
	for range n {
		text := ""
		for range rand.IntN(6) {
			text += fmt.Sprintf("WORD%d ", rand.IntN(50))
		}
		x.texts = append(x.texts, text)
		x.build.Begin(int64(len(x.texts)))
		x.build.Add(terms.Body, []byte(text), true)
	}
	must(x.t, x.Add(x.build, MessageID(len(x.texts)-n), MessageID(len(x.texts))))
	x.build.Reset()
}

func nothing() error { return nil }

func (x *indexed) find(needle string) *Matches {
	x.t.Helper()
	return ok[*Matches](x.t)(x.Find([]byte(needle), []terms.Field{terms.Headers, terms.Body}, 0, nothing))
}

// check compares lookups with the texts.
func (x *indexed) check() {
	x.t.Helper()
	for _, needle := range []string{"WORD1", "RD22", "4", "WORD7 WORD", "NOT THERE"} {
		m := x.find(needle)
		if int(m.Covered) != len(x.texts) {
			x.t.Fatalf("%d messages are covered, want %d", m.Covered, len(x.texts))
		}
		for i, text := range x.texts {
			id, has := int64(i+1), strings.Contains(text, needle)
			if !x.gone[id] && (has && !m.Sure.Has(id) && !m.Possible.Has(id) || !has && m.Sure.Has(id)) {
				x.t.Fatalf("message %d, %q, has %q: %v", id, text, needle, has)
			}
		}
	}
}

// alive is what a merge is told.
func (x *indexed) alive(first, last MessageID) (*terms.Set, error) {
	var set terms.Set
	for id := int64(first); id <= int64(last); id++ {
		if !x.gone[id] {
			set.Add(id)
		}
	}
	return &set, nil
}

func TestSearchIndex(t *testing.T) {
	x := openIndex(t)
	x.check()
	for range 60 {
		x.add(1 + rand.IntN(40))
		for ok[bool](t)(x.Merge(x.alive, nothing)) {
			x.check()
		}
		x.gone[1+rand.Int64N(int64(len(x.texts)))] = true
	}
	if n := x.Segments(); n >= 3*mergeWidth {
		t.Errorf("%d segments are left", n)
	}
	x.check()
	must(t, x.reopen("mail 1"))
	x.check()
}

// TestDueMerge: however many segments have come together, few are left in the end, and none is written often.
func TestDueMerge(t *testing.T) {
	for _, size := range []MessageID{1, 7, 100, 2560, 50_000} {
		for _, batch := range []int{1, 9, 400} { // segments that come between two looks
			var list []segment
			written, last := 0.0, MessageID(0)
			for range 800 / batch {
				for range batch {
					list = append(list, segment{first: last + 1, last: last + size})
					last += size
				}
				for old := dueMerge(list); old != nil; old = dueMerge(list) {
					s := segment{first: old[0].first, last: old[len(old)-1].last}
					if n := s.last - s.first + 1; n > mergeTop {
						t.Fatalf("a segment of %d messages", n)
					}
					written += float64(s.last - s.first + 1)
					at := slices.IndexFunc(list, func(o segment) bool { return o.first == s.first })
					list = slices.Replace(list, at, at+len(old), s)
				}
			}
			most := 5*mergeWidth + int(last/(mergeTop/mergeWidth))
			if times := written / float64(last); len(list) > most || times > 8 {
				t.Errorf("%d messages in segments of %d, %d at a time: %d segments are left, at most %d; each message was written %.1f times",
					last, size, batch, len(list), most, times)
			}
		}
	}
}

// TestSearchIndexMergeErases: what a merge leaves out takes no room.
func TestSearchIndexMergeErases(t *testing.T) {
	x := openIndex(t)
	for range mergeWidth {
		x.add(100)
	}
	for id := range len(x.texts) {
		x.gone[int64(id+1)] = true
	}
	if !ok[bool](t)(x.Merge(x.alive, nothing)) {
		t.Fatal("nothing was merged")
	}
	c := ok[*conn](t)(x.writer())
	for _, table := range []string{"terms", "posting"} {
		if n := ok[int64](t)(c.queryInt("SELECT count(*) FROM " + table)); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
}

// TestSearchIndexReplaced: a file that is not this mail's index, or is damaged, is replaced by an empty one.
func TestSearchIndexReplaced(t *testing.T) {
	damage := func(sql string) func(x *indexed) string {
		return func(x *indexed) string {
			must(x.t, ok[*conn](x.t)(x.writer()).exec(sql))
			return "mail 1"
		}
	}
	for name, spoil := range map[string]func(x *indexed) (identity string){
		"other mail": func(x *indexed) string { return "mail 2" },
		"hole":       damage("DELETE FROM segment WHERE id = 2"),
		"newer":      damage("PRAGMA user_version = 99"),
		"row":        damage("UPDATE segment SET last = last + 1 WHERE id = 3"),
		"list":       damage("UPDATE segment SET opaque = x'7000000000000001' WHERE id = 2"),
		"no database": func(x *indexed) string {
			must(x.t, x.Rest())
			must(x.t, os.WriteFile(x.path, []byte("mail"), 0o600))
			return "mail 1"
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := openIndex(t)
			for range 3 {
				x.add(10)
			}
			if x.reopen(spoil(x)) == nil {
				t.Error("the file was not replaced")
			}
			if x.Covered() != 0 {
				t.Errorf("%d messages are covered", x.Covered())
			}
			x.texts = nil
			x.add(10)
			x.check()
		})
	}
}

// TestSearchIndexDamagedBlock: a lookup never trusts a block that has changed.
func TestSearchIndexDamagedBlock(t *testing.T) {
	for _, sql := range []string{
		"UPDATE terms SET data = CAST(replace(CAST(data AS TEXT), 'WORD', 'LORD') AS BLOB)",
		"UPDATE posting SET data = x'00'",
		"DELETE FROM posting",
		"DELETE FROM terms",
		"DELETE FROM terms WHERE block = (SELECT max(block) FROM terms)",
		"UPDATE terms SET block = block + 1",
		"UPDATE posting SET block = -1 WHERE block = 1 << 24; UPDATE posting SET block = 1 << 24 WHERE block = 2 << 24",
		"DROP TABLE posting",
		"UPDATE segment SET sum = sum + 1",
	} {
		x := openIndex(t)
		x.add(50)
		x.add(50)
		must(t, ok[*conn](t)(x.writer()).script(sql))
		if _, err := x.Find([]byte("ORD1"), []terms.Field{terms.Body}, 0, nothing); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", sql, err)
		}
		must(t, x.Erase())
		x.texts = nil
		x.check()
	}
}

// TestSearchIndexInterrupted: what a merge leaves when it is interrupted is neither used nor kept.
func TestSearchIndexInterrupted(t *testing.T) {
	x := openIndex(t)
	for range mergeWidth {
		x.add(200)
	}
	stop := errors.New("stop")
	for left := 0; ; left++ { // ever later, until it is not interrupted
		calls := 0
		_, err := x.Merge(x.alive, func() error {
			if calls++; calls > left {
				return stop
			}
			return nil
		})
		x.check()
		if err == nil {
			break
		}
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
	}
	must(t, x.reopen("mail 1"))
	x.check()
	if n := ok[int64](t)(ok[*conn](t)(x.writer()).queryInt("SELECT count(*) FROM segment")); n != 1 {
		t.Errorf("%d segments", n)
	}
}

// TestSearchIndexShrinks: the room of what merges leave is given back.
func TestSearchIndexShrinks(t *testing.T) {
	x := openIndex(t)
	for range 3 * mergeWidth {
		x.add(2000)
	}
	for ok[bool](t)(x.Merge(x.alive, nothing)) {
	}
	must(t, x.Rest())
	if free := ok[int64](t)(ok[*conn](t)(x.writer()).queryInt("PRAGMA freelist_count")); free != 0 {
		t.Errorf("%d pages of %d bytes are free", free, searchPageSize)
	}
}

// TestSearchIndexGone: a file that is removed or emptied while no connection holds it is damaged, not without matches.
func TestSearchIndexGone(t *testing.T) {
	for name, spoil := range map[string]func(x *indexed){
		"removed": func(x *indexed) { must(x.t, os.Remove(x.path)) },
		"emptied": func(x *indexed) { must(x.t, os.WriteFile(x.path, nil, 0o600)) },
		"another": func(x *indexed) {
			other := openIndex(x.t)
			other.add(50)
			other.add(10)
			must(x.t, other.Rest())
			must(x.t, os.Rename(other.path, x.path))
			other.path = x.path
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := openIndex(t)
			x.add(60)
			must(t, x.Rest())
			spoil(x)
			if _, err := x.Find([]byte("WORD1"), []terms.Field{terms.Body}, 0, nothing); !errors.Is(err, ErrCorrupt) {
				t.Errorf("looking up: %v", err)
			}
			if err := x.Add(x.build, 60, 70); !errors.Is(err, ErrCorrupt) {
				t.Errorf("adding: %v", err)
			}
			if err := x.Verify(); !errors.Is(err, ErrCorrupt) {
				t.Errorf("verifying: %v", err)
			}
			must(t, x.Erase())
			must(t, x.Verify())
			x.texts = nil
			x.add(10)
			x.check()
		})
	}
}

// TestSearchIndexErasedMeanwhile: what was collected before an index was erased does not stand for all that is below it.
func TestSearchIndexErasedMeanwhile(t *testing.T) {
	x := openIndex(t)
	x.add(10)
	must(t, x.Erase())
	if err := x.Add(x.build, 10, 20); !errors.Is(err, ErrErased) {
		t.Errorf("adding: %v", err)
	}
	if n := x.Covered(); n != 0 {
		t.Errorf("%d messages are covered", n)
	}
}

// TestSearchIndexFindAfter: segments that the caller knows all about are passed over, no others.
func TestSearchIndexFindAfter(t *testing.T) {
	x := openIndex(t)
	for range 3 {
		x.add(50)
	}
	whole := x.find("WORD")
	for _, after := range []MessageID{0, 49, 50, 149, 150} {
		m := ok[*Matches](t)(x.Find([]byte("WORD"), []terms.Field{terms.Body}, after, nothing))
		for id := int64(1); id <= 150; id++ {
			passed := id <= int64(after)/50*50
			if m.Covered != whole.Covered || m.Sure.Has(id) != (whole.Sure.Has(id) && !passed) {
				t.Errorf("after %d: message %d: %v, covered %d", after, id, m.Sure.Has(id), m.Covered)
			}
		}
	}
}
