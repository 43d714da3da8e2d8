package storage

import (
	"errors"
	"strings"
	"testing"
)

// extract is the text that is kept of an attachment.
func (x *indexed) extract(id MessageID, part int64) (string, error) {
	text, err := x.AppendExtract([]byte("before "), id, part)
	return strings.TrimPrefix(string(text), "before "), err
}

func (x *indexed) keep(id MessageID, part int64, text string) {
	x.t.Helper()
	must(x.t, x.KeepExtract(id, part, []byte(text), true))
}

func TestExtract(t *testing.T) {
	x := openIndex(t)
	long := strings.Repeat("what is attached ", 1<<18)
	for part, text := range []string{"", "short", long} {
		x.keep(7, int64(part), text)
		if got := ok[string](t)(x.extract(7, int64(part))); got != text {
			t.Errorf("part %d: %.50q of %d bytes", part, got, len(got))
		}
	}
	for _, place := range [][2]int64{{7, 3}, {8, 0}} {
		if got, err := x.extract(MessageID(place[0]), place[1]); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v: %q, %v", place, got, err)
		}
	}
	must(t, x.reopen("mail 1"))
	x.keep(7, 1, "other")
	if got := ok[string](t)(x.extract(7, 1)); got != "other" {
		t.Errorf("got %q", got)
	}
	if x.reopen("mail 2") == nil {
		t.Error("the file was not replaced")
	}
	if _, err := x.extract(7, 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("of other mail: %v", err)
	}
}

// TestExtractWhileMerging: a search does not wait for a merge, which may take long.
func TestExtractWhileMerging(t *testing.T) {
	x := openIndex(t)
	for range mergeWidth {
		x.add(2)
	}
	ok[bool](t)(x.Merge(x.alive, func() error {
		must(t, x.KeepExtract(1, 1, []byte("text"), false))
		return nil
	}))
	if _, err := x.extract(1, 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("kept amid a merge: %v", err)
	}
	must(t, x.KeepExtract(1, 1, []byte("text"), false))
	if got := ok[string](t)(x.extract(1, 1)); got != "text" {
		t.Errorf("got %q", got)
	}
}

// TestExtractErased: a merge erases what is kept of messages that are gone, and of no others.
func TestExtractErased(t *testing.T) {
	x := openIndex(t)
	for range mergeWidth {
		x.add(5)
	}
	const beyond = 5*mergeWidth + 1
	for id := MessageID(1); id <= beyond; id++ {
		x.keep(id, 1, "text")
		x.keep(id, 2, "")
		x.gone[int64(id)] = id%3 == 0 || id > beyond/2
	}
	if !ok[bool](t)(x.Merge(x.alive, nothing)) {
		t.Fatal("nothing was merged")
	}
	for id := MessageID(1); id <= beyond; id++ {
		for part := range int64(2) {
			_, err := x.extract(id, part+1)
			if want := id < beyond && x.gone[int64(id)]; want != errors.Is(err, ErrNotFound) {
				t.Errorf("message %d: %v", id, err)
			}
		}
	}
}

// TestExtractNewest: a file knows what it has texts of, indexed or not.
func TestExtractNewest(t *testing.T) {
	x := openIndex(t)
	for want, do := range []func(){
		func() {}, func() { x.add(1) }, func() { x.keep(2, 1, "") }, func() { x.add(2) },
	} {
		if do(); ok[MessageID](t)(x.Newest()) != MessageID(want) {
			t.Errorf("newest is %d, want %d", ok[MessageID](t)(x.Newest()), want)
		}
	}
}

// TestExtractDamaged: a text that has changed is never given out.
func TestExtractDamaged(t *testing.T) {
	for _, sql := range []string{"UPDATE extract SET data = x'04'", "UPDATE extract SET sum = 1 - sum", "DROP TABLE extract"} {
		x := openIndex(t)
		x.keep(1, 1, "text")
		must(t, ok[*conn](t)(x.writer()).exec(sql))
		if got, err := x.extract(1, 1); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %q, %v", sql, got, err)
		}
	}
}
